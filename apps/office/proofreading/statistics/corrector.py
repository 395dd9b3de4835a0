"""Layer c over a draft: where the house's language is known, guesses; where it is not, silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.office.proofreading import guessing
from apps.office.proofreading.rule_layer import finding_of
from apps.office.proofreading.spans import Spans, code_spans, quoted_spans, title_spans
from apps.office.proofreading.statistics.candidates import Channel, channel
from apps.office.proofreading.statistics.counting import EDGE, FIRST, SPLIT, sentence_symbols
from apps.office.proofreading.statistics.edits import Edit, Searcher
from apps.office.proofreading.statistics.model import LanguageModel
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Finding, Hit

GAIN = {"precise": 13.0, "balanced": 10.0}  # nats, where nothing was measured
ASSERT = 13.0  # from here a guess is a warning, below it a hint
KNOWN, UNKNOWN = 0.75, 0.55  # shares of known pairs: above the first it speaks, below the second it is silent
_RULES = {
    "character": guessing.CHARACTER,
    "word": guessing.WORD,
    "extra": guessing.EXTRA,
    "swap": guessing.SWAPPED,
}
_PIECE = 2_000  # symbols at once
LEAST_PAIRS = 3  # of a line: a shorter one says nothing of its domain


class NgramCorrector:
    """`curve` is [{gain, share}]: the share of clean sentences that a threshold touches, measured on sentences
    that the model was not trained from."""

    def __init__(
        self, model: LanguageModel, *, fingerprint: str = "", curve: Sequence[dict[str, Any]] = ()
    ) -> None:
        self.model, self.fingerprint, self.curve = model, fingerprint, list(curve)
        self.channel: Channel = channel(model.vocabulary)

    @classmethod
    def open(cls, folder: Path, *, fingerprint: str, curve: Sequence[dict[str, Any]]) -> NgramCorrector:
        return cls(LanguageModel.open(folder), fingerprint=fingerprint, curve=curve)

    def gain_for(self, *, profile: str, false_alarms: float | None) -> float:
        """The threshold of a profile, or the lowest one that keeps to a share of clean sentences."""
        if false_alarms is None:
            return GAIN.get(profile, GAIN["balanced"])
        fitting = [entry["gain"] for entry in self.curve if entry["share"] <= false_alarms]
        return (
            float(min(fitting))
            if fitting
            else max([GAIN["precise"], *(entry["gain"] for entry in self.curve)])
        )

    def find(self, draft: Draft, *, gain: float, spared: Sequence[tuple[int, int]]) -> Iterator[Finding]:
        """Guesses in Chinese lines; nothing in titles, quotations, addresses, names."""
        text = draft.text
        closed = Spans([*code_spans(text), *title_spans(text), *quoted_spans(text), *spared])
        for start, end in _pieces(text):
            yield from self._piece(draft, start, end, gain, closed)

    def _piece(self, draft: Draft, start: int, end: int, gain: float, closed: Spans) -> Iterator[Finding]:
        """Many lines at once: an array costs little more than a line of it."""
        symbols = self.symbols(draft.text[start:end])
        coverage = self._coverage(draft, start, end, symbols)
        open_places = coverage >= (UNKNOWN if len(self.model.own) else 0.0)
        for left, right in closed:
            if left < end and right > start:
                open_places[max(0, left - start) : right - start] = False
        if not (open_places & (symbols >= FIRST)).any():
            return
        for edit in Searcher(self.model, self.channel, symbols).edits(gain, open_places):
            yield self._finding(draft, start, edit, is_known=coverage[edit.start] >= KNOWN)

    def _coverage(
        self, draft: Draft, start: int, end: int, symbols: NDArray[np.uint16]
    ) -> NDArray[np.float64]:
        """For each character how much of its line the house has written."""
        valid, known = self.model.known_pairs(symbols)
        coverage = np.zeros(len(symbols))
        for number in range(draft.line_at(start), len(draft.lines)):
            line_start, line_end = draft.lines[number]
            if line_start >= end:
                break
            part = slice(max(line_start, start) - start, max(0, min(line_end, end) - start))
            pairs = int(valid[part].sum())
            if pairs >= LEAST_PAIRS:
                coverage[part] = known[part].sum() / pairs
        return coverage

    def symbols(self, line: str) -> Any:
        """One a character, with EDGE for the marks that part clauses."""
        symbols = self.model.vocabulary.symbols(line).copy()
        for match in SPLIT.finditer(line):
            symbols[match.start() : match.end()] = EDGE
        return symbols

    def _finding(self, draft: Draft, start: int, edit: Edit, *, is_known: bool) -> Finding:
        characters = self.model.vocabulary.characters
        new = "".join(characters[symbol - FIRST] for symbol in edit.new)
        rule = _RULES[edit.kind]
        hit = Hit(start + edit.start, start + edit.end, (new,))
        sure = round(1 / (1 + exp(-(edit.gain - 9) / 2.5)), 3)
        made = finding_of(draft, rule, hit, engine="statistics", confidence=sure)
        return made if edit.gain >= ASSERT and is_known else made.changed(severity="info")


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """A long text in parts, cut after a mark where there is one."""
    cuts = [0]
    while len(text) - cuts[-1] > _PIECE:
        window = range(cuts[-1] + 1, cuts[-1] + _PIECE)
        near = max(text.rfind(mark, window.start, window.stop) for mark in "。\n")
        cuts.append(near + 1 if near > 0 else window.stop)
    yield from pairwise([*cuts, len(text)])


__all__ = ["GAIN", "NgramCorrector", "sentence_symbols"]
