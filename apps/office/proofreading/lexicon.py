"""Layer b: words that are wrong wherever they stand, and words that never are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from apps.office.proofreading.catalogue import load
from apps.office.proofreading.rule_layer import finding_of
from apps.office.proofreading.spans import Spans, code_spans
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Finding, Hit, Rule

CONFUSION = Rule(
    id="L01", category="错别字", severity="error", type="misspelling", basis="现代汉语规范用字",
    title={"zh": "常见别字", "en": "A common wrong character"},
    example={"wrong": "有关规订", "right": "有关规定"},
)  # fmt: skip
OWN_PAIR = Rule(
    id="L02", category="规范表述", severity="error", type="terminology", basis="",
    title={"zh": "本单位词库规定的写法", "en": "The organisation's own wording"},
)  # fmt: skip
FORBIDDEN = Rule(
    id="L03", category="规范表述", severity="error", type="terminology", basis="",
    title={"zh": "本单位词库中的禁用词", "en": "A word that the organisation does not use"},
)  # fmt: skip
RULES = (CONFUSION, OWN_PAIR, FORBIDDEN)
_SHORTEST = 2


class Matcher:
    """Finds words of a set in a text, the longest at each place."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_head: dict[str, list[str]] = {}
        for word in words:
            if word:
                self._by_head.setdefault(word[:_SHORTEST], []).append(word)
        for known in self._by_head.values():
            known.sort(key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._by_head)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """[start, end) without overlap, from left to right. Looking for each head is one pass in C, which beats
        a step in Python for each character."""
        stop = 0
        for place, head in sorted(_places(text, self._by_head), key=lambda found: (found[0], -len(found[1]))):
            word = next((word for word in self._by_head[head] if text.startswith(word, place)), "")
            if word and place >= stop:
                stop = place + len(word)
                yield place, stop


def _places(text: str, heads: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Where the heads stand; of two in one place the longer comes first."""
    for head in heads:
        place = text.find(head)
        while place >= 0:
            yield place, head
            place = text.find(head, place + 1)


@dataclass(frozen=True)
class Lexicon:
    """Words of an organisation or a person. `allow` are right everywhere, `pairs` wrong → right, `forbid` to
    be avoided, `names` (of people, bodies, places) left alone by guesses, `muted` rules by id."""

    allow: frozenset[str] = frozenset()
    pairs: Mapping[str, str] = field(default_factory=dict)
    forbid: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()

    @cached_property
    def allowed(self) -> Matcher:
        return Matcher(self.allow)

    @cached_property
    def named(self) -> Matcher:
        return Matcher(self.names)

    @cached_property
    def own(self) -> Matcher:
        return Matcher({*self.pairs, *self.forbid})

    def find(self, draft: Draft) -> Iterator[Finding]:
        codes = Spans(code_spans(draft.text))
        for matcher, builtin in ((self.own, False), (_confused(), True)):
            for start, end in matcher.spans(draft.text):
                if not codes.touch(start, end):
                    yield self._finding(draft, start, end, is_builtin=builtin)

    def _finding(self, draft: Draft, start: int, end: int, *, is_builtin: bool) -> Finding:
        word = draft.text[start:end]
        if is_builtin:
            rule, right = CONFUSION, _confusions()[word]
        else:
            rule, right = (OWN_PAIR, self.pairs[word]) if word in self.pairs else (FORBIDDEN, "")
        hit = Hit(start, end, (right,) if right else ())
        return finding_of(draft, rule, hit, engine="dictionary", confidence=0.98)

    def permits(self, text: str) -> Spans:
        """Where words stand that are right whatever an engine says."""
        return Spans(self.allowed.spans(text))


@cache
def _confusions() -> dict[str, str]:
    return dict(load("confusions.json"))


@cache
def _confused() -> Matcher:
    return Matcher(_confusions())
