"""How this house writes: wordings and usual entries of earlier documents of the kind, each with its document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.office.notices.draft import Source

MOST_SUGGESTIONS = 3
_LEAD = re.compile(
    r"(有关事项|有关事宜|相关事项|相关事宜|有关要求|有关安排|有关情况|相关情况)(?=[\u4e00-\u9fff]{2}如下)"
)
_ADDRESSEES = re.compile(r"^([^，。；：\d]{2,60}(?:，[^，。；：\d]{2,40}){0,4})：$")
_LOOK = {
    "contact": re.compile(r"联系人\s*[：:]\s*([\u4e00-\u9fff·]{2,12})"),
    "phone": re.compile(r"(?:联系电话|咨询电话|电话)\s*[：:]\s*([\d\-—（）() ]{5,24}\d)"),
    "place": re.compile(r"(?:会议|活动|培训)?地点\s*[：:]\s*([^。；\n]{2,40})"),
    "reply": re.compile(r"((?:请[^。\n]{0,30})?(?:回执|报名)[^。\n]{4,80})。"),
}


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier document of the same kind: its lines from the beginning, at most some dozens."""

    source: Source
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """`closing` False: the house ends without the phrase; `lead` how it says 有关事项 in 通知如下."""

    closing: bool | None = None
    closing_source: Source | None = None
    lead: str = ""
    lead_source: Source | None = None
    suggestions: Mapping[str, tuple[tuple[str, Source], ...]] = field(default_factory=dict)
    precedents: tuple[Source, ...] = ()

    def worded(self, text: str) -> tuple[str, Source | None]:
        """The set phrase in the words of the house."""
        if not self.lead or not _LEAD.search(text):
            return text, None
        return _LEAD.sub(self.lead, text), self.lead_source


def style_of(precedents: Sequence[Precedent], *, closing: str) -> Style:
    """What most of them do; what one of them says is a suggestion. Nothing without precedents."""
    if not precedents:
        return Style()
    closes = [one for one in precedents if closing and any(line.endswith(closing) for line in one.lines)]
    lead, source = _lead(precedents)
    return Style(
        closing=None if not closing else len(closes) * 2 >= len(precedents),
        closing_source=closes[0].source if closes else None,
        lead=lead,
        lead_source=source,
        suggestions=_suggestions(precedents),
        precedents=tuple(one.source for one in precedents),
    )


def _lead(precedents: Sequence[Precedent]) -> tuple[str, Source | None]:
    said: list[tuple[str, Source]] = []
    for one in precedents:
        match = next((found for line in one.lines if (found := _LEAD.search(line))), None)
        if match:
            said.append((match[1], one.source))
    if not said:
        return "", None
    word, _count = Counter(word for word, _source in said).most_common(1)[0]
    return word, next(source for one, source in said if one == word)


def _suggestions(precedents: Sequence[Precedent]) -> dict[str, tuple[tuple[str, Source], ...]]:
    found: dict[str, dict[str, Source]] = {}
    for one in precedents:
        if addressed := next((match[1] for line in one.lines[:12] if (match := _ADDRESSEES.match(line))), ""):
            found.setdefault("addressees", {}).setdefault(addressed, one.source)
        text = "\n".join(one.lines)
        for name, pattern in _LOOK.items():
            if match := pattern.search(text):
                found.setdefault(name, {}).setdefault(match[1].strip(), one.source)
    return {name: tuple(values.items())[:MOST_SUGGESTIONS] for name, values in found.items()}
