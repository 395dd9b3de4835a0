"""The self-check: what proofreading says of a draft, by paragraph: rules, dictionaries and statistics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from apps.office.notices.body import gap_mark
from apps.office.notices.draft import Draft

if TYPE_CHECKING:
    from apps.office.proofreading.engine import Corrector
    from apps.office.proofreading.lexicon import Lexicon

MOST_FINDINGS = 60


@dataclass(frozen=True, slots=True)
class Found:
    """`paragraph` counts the draft's paragraphs, -1 for the title; `offset` in code points within it."""

    paragraph: int
    offset: int
    length: int
    text: str
    severity: str
    category: str
    rule_id: str
    message: str
    basis: str = ""
    suggestions: list[str] = field(default_factory=list)


def check(draft: Draft, *, words: Lexicon | None = None, corrector: Corrector | None = None) -> list[Found]:
    """The gravest first as far as the list goes; gaps are no findings, since they are asked for already. `words` are those
    of the person and of the house, `corrector` the trained model where there is one."""
    from apps.office.proofreading.engine import make_draft, proofread

    lines = [draft.title, *(paragraph.text for paragraph in draft.paragraphs)]
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    found = []
    text = make_draft("\n".join(lines), language="zh", kind=draft.kind)
    for one in proofread(text, words=words, corrector=corrector).findings:
        place, offset = _place(lines, one.offset)
        if place is None or _in_gap(lines[place], offset, one.length):
            continue
        found.append(
            Found(
                place - 1,
                offset,
                one.length,
                one.text,
                one.severity,
                one.category,
                one.rule_id,
                one.note.get(language) or one.title.get(language, ""),
                one.basis,
                [suggestion.value for suggestion in one.suggestions[:3]],
            )
        )
    order = {"error": 0, "warning": 1, "info": 2}
    kept = sorted(found, key=lambda one: order.get(one.severity, 3))[:MOST_FINDINGS]
    return sorted(kept, key=lambda one: (one.paragraph, one.offset))


def _place(lines: list[str], offset: int) -> tuple[int | None, int]:
    for place, line in enumerate(lines):
        if offset <= len(line):
            return place, offset
        offset -= len(line) + 1
    return None, 0


def _in_gap(line: str, offset: int, length: int) -> bool:
    start = line.rfind(gap_mark("")[:4], 0, offset + length)
    return start >= 0 and offset <= line.find("］", start)
