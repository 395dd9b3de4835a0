"""Tell a model's thinking from its answer, while both arrive in pieces cut anywhere.

Three habits exist: a field of its own (`reasoning_content`), `<think>…</think>` at the start of the
content, and templates that put `<think>` into the prompt, so that only `</think>` arrives.
"""

from __future__ import annotations

import re

from apps.rag.types import Delta, Reasoning

PAIRS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
)
_LONGEST = max(len(closing) for _, closing in PAIRS)
# Families whose chat templates open the thinking in the prompt.
_OPENS_IN_PROMPT = re.compile(r"\br1\b|qwq|thinking|magistral|reasoner", re.I)

Piece = Reasoning | Delta


def thinks_first(model: str) -> bool:
    """Whether a model of this name is known to send only the closing tag."""
    return bool(_OPENS_IN_PROMPT.search(model.replace("-", " ").replace("_", " ")))


class ReasoningSplitter:
    """Feed it the content and the reasoning fields; it gives back Reasoning and Delta.

    With `starts_inside` the content counts as thinking from its first character, until a closing
    tag; if none ever comes, `finish` gives all of it back as the answer, so that nothing is lost.
    `stray_close` is True once a closing tag came that nothing had opened: such a model should be
    read with `starts_inside` the next time.
    """

    def __init__(self, *, starts_inside: bool = False) -> None:
        self._state = "start"
        self._presumed = starts_inside
        self._held = ""  # a possible tag, not yet decided
        self._closing = "</think>"
        self._inside: list[str] = []  # what a presumed block has said
        self._line_start = True
        self.stray_close = False

    def feed(self, *, content: str = "", reasoning: str = "") -> list[Piece]:
        pieces: list[Piece] = []
        if reasoning:
            self._presumed = False
            pieces.append(Reasoning(reasoning))
        if content:
            # The usual case first: plain answer text without a tag in sight.
            if self._state == "plain" and not self._held:
                return [*pieces, Delta(content)]
            self._held += content
            self._advance(pieces)
        return pieces

    def finish(self) -> list[Piece]:
        """What was held back; call it once, after the last feed."""
        held, self._held = self._held, ""
        if self._state == "inside":
            if self._presumed:
                return [Delta("".join(self._inside) + held)]
            return [Reasoning(held)] if held else []
        return [Delta(held)] if held.strip() else []

    def _advance(self, pieces: list[Piece]) -> None:
        before = ""
        while self._held and before != self._held + self._state:
            before = self._held + self._state
            getattr(self, f"_at_{self._state}")(pieces)

    def _at_start(self, pieces: list[Piece]) -> None:
        """Nothing but white space so far: does the text begin with an opening tag?"""
        text = self._held.lstrip()
        for opening, closing in PAIRS:
            if text.startswith(opening):
                self._held = text[len(opening) :].lstrip("\n")
                self._closing, self._presumed, self._state = closing, False, "inside"
                return
        if not text or any(opening.startswith(text) for opening, _ in PAIRS):
            return
        self._state = "inside" if self._presumed else "open"

    def _at_inside(self, pieces: list[Piece]) -> None:
        thought, found, rest = self._held.partition(self._closing)
        if not found:
            keep = _partial(self._held, self._closing)
            thought, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        else:
            self._held, self._state = rest, "after"
        if thought:
            if self._presumed:
                self._inside.append(thought)
            pieces.append(Reasoning(thought))

    def _at_after(self, pieces: list[Piece]) -> None:
        """The blank lines between the thinking and the answer belong to neither."""
        self._held = self._held.lstrip()
        if self._held:
            self._state = "plain"

    def _at_open(self, pieces: list[Piece]) -> None:
        """Answer text in which a closing tag at the start of a line may still turn up."""
        position = self._held.find(self._closing)
        if position >= 0 and (
            self._held[:position].rstrip(" ").endswith("\n") or (position == 0 and self._line_start)
        ):
            self.stray_close = True
            answer, self._held = self._held[:position], self._held[position + len(self._closing) :]
            self._state = "after"
        elif position >= 0:  # the answer speaks about the tag
            end = position + len(self._closing)
            answer, self._held = self._held[:end], self._held[end:]
        else:
            keep = _partial(self._held, self._closing)
            answer, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        if answer:
            self._line_start = answer.rstrip(" ").endswith("\n")
            pieces.append(Delta(answer))

    def _at_plain(self, pieces: list[Piece]) -> None:
        pieces.append(Delta(self._held))
        self._held = ""


def split_reasoning(text: str) -> tuple[str, str]:
    """(thinking, answer) of a whole text; the thinking is empty where there is none."""
    stripped = text.lstrip()
    for opening, closing in PAIRS:
        if stripped.startswith(opening):
            thought, _, answer = stripped[len(opening) :].partition(closing)
            return thought.strip(), answer.strip()
    match = re.search(r"(?:^|\n) *</think>", text)
    if match:
        return text[: match.start()].strip(), text[match.end() :].strip()
    return "", text


def _partial(text: str, tag: str) -> int:
    """Length of the longest end of `text` that begins `tag`."""
    if tag[0] not in text[-_LONGEST:]:
        return 0
    for length in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:length]):
            return length
    return 0
