"""What proofreading hands around: rules, hits of one engine, and the findings that are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

CATEGORIES = (
    "错别字", "多字少字", "语法", "语义", "标点", "数字", "格式", "知识", "一致性", "规范表述", "个人信息",
)  # fmt: skip
SEVERITIES = ("error", "warning", "info")
OPERATIONS = ("replace", "insert", "delete", "reorder", "flag")
ENGINES = ("rules", "dictionary", "statistics", "model", "facts")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as users see it. `title` and `example` are by language ("zh", "en") and by side ("wrong", "right")."""

    id: str
    category: str
    severity: str
    type: str
    title: Mapping[str, str]
    basis: str = ""
    version: str = "1"
    example: Mapping[str, str] = field(default_factory=dict)
    per_million: float | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`score` from 0 to 1."""

    value: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Hit:
    """What one check found: [start, end) in code points of the draft. `note` explains, by language."""

    start: int
    end: int
    suggestions: tuple[str, ...] = ()
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding in code points of the whole text. `paragraph` counts from 0. `conflicts` are the places, in
    the list that holds this one, of findings that want something else for the same characters."""

    offset: int
    length: int
    paragraph: int
    text: str
    suggestions: tuple[Suggestion, ...]
    category: str
    type: str
    operation: str
    severity: str
    confidence: float
    rule_id: str
    basis: str
    engines: tuple[str, ...]
    title: Mapping[str, str]
    note: Mapping[str, str]
    version: str = "1"
    conflicts: tuple[int, ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()

    @property
    def end(self) -> int:
        return self.offset + self.length

    @property
    def fixable(self) -> bool:
        """One suggestion that may be taken without reading."""
        return self.operation != "flag" and len(self.suggestions) == 1

    def changed(self, **values: Any) -> Finding:
        return replace(self, **values)
