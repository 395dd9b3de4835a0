"""The rules that the product ships (apps/office/data/rules.json), ready to run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from apps.office.proofreading.checks import CHECKS, Check
from apps.office.proofreading.repairs import REPAIRS
from apps.office.proofreading.types import Hit, Rule

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression and what to put in the match's place: a list of substitutions, a word for each
    wrong one, or a computation."""

    regex: re.Pattern[str]
    fix: tuple[tuple[re.Pattern[str], str], ...] = ()
    words: Mapping[str, str] | None = None
    repair: Callable[[str], list[str]] | None = None

    def hits(self, text: str) -> Iterator[Hit]:
        for match in self.regex.finditer(text):
            yield Hit(match.start(), match.end(), self._suggestions(match[0]))

    def _suggestions(self, wrong: str) -> tuple[str, ...]:
        if self.repair is not None:
            found = self.repair(wrong)
        elif self.words is not None:
            found = [self.words[wrong]] if wrong in self.words else []
        else:
            right = wrong
            for pattern, replacement in self.fix:
                right = pattern.sub(replacement, right)
            found = [right] if self.fix else []
        return tuple(value for value in found if value != wrong)


@dataclass(frozen=True, slots=True)
class RunnableRule:
    """`house`: by the first character of a hit, what shows that the text writes it the other way too. A text that keeps to
    one way throughout follows its house, and is only told."""

    rule: Rule
    pattern: Pattern | None = None
    check: Check | None = None
    kinds: frozenset[str] = frozenset()
    layer: str = "rules"
    house: Mapping[str, re.Pattern[str]] = field(default_factory=dict)


@cache
def rules() -> tuple[RunnableRule, ...]:
    """All rules of layer a, read once."""
    entries = [entry for name in ("rules.json", "rules-more.json") for entry in load(name)]
    return tuple(_runnable(entry) for entry in entries)


@cache
def rules_by_id() -> dict[str, Rule]:
    return {runnable.rule.id: runnable.rule for runnable in rules()}


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def rule_of(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        id=entry["id"],
        category=entry["category"],
        severity=entry["severity"],
        type=entry["type"],
        title=entry["title"],
        basis=entry.get("basis", ""),
        example=entry.get("example", {}),
        per_million=entry.get("per_million"),
    )


def _runnable(entry: Mapping[str, Any]) -> RunnableRule:
    pattern = None
    if "pattern" in entry:
        pattern = Pattern(
            re.compile(entry["pattern"]),
            tuple((re.compile(old), new) for old, new in entry.get("fix", ())),
            entry.get("words"),
            REPAIRS[entry["compute"]] if "compute" in entry else None,
        )
    check = CHECKS[entry["check"]] if "check" in entry else None
    house = {first: re.compile(other) for first, other in entry.get("house", {}).items()}
    return RunnableRule(rule_of(entry), pattern, check, frozenset(entry.get("kinds", ())), house=house)
