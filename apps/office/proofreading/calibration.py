"""Do the rules stay within the rate that they were calibrated to? On texts in which (nearly) nothing is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import exp

from apps.office.proofreading import rule_layer
from apps.office.proofreading.catalogue import rules
from apps.office.proofreading.engine import make_draft

NEVER = 0.33  # a million: a rule that was silent on nine million characters may still speak so often
CHANCE = 0.001  # of one rule to be called too loud though it is not
MOST_SHOWN = 3


@dataclass(slots=True)
class Rate:
    """What a rule said in `characters`: at its own severity, so that what a house's style explains does not count."""

    rule_id: str
    calibrated: float | None
    count: int = 0
    allowed: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def within(self) -> bool:
        """A rule without a rate has none to keep to."""
        return self.calibrated is None or self.count <= self.allowed


def most_expected(mean: float, *, chance: float = CHANCE) -> int:
    """The smallest count that a Poisson variable of this mean exceeds with less than `chance`."""
    if mean > 400:  # the normal distribution is near enough, and exp(-mean) still a number
        return int(mean + 3.1 * mean**0.5) + 1
    count, term = 0, exp(-mean)
    left = 1.0 - term
    while left >= chance:
        count += 1
        term *= mean / count
        left -= term
    return count


def rates(texts: Iterable[str]) -> tuple[int, list[Rate]]:
    """(characters, a rate for each rule, the loudest first)."""
    severities = {runnable.rule.id: runnable.rule.severity for runnable in rules()}
    found = {runnable.rule.id: Rate(runnable.rule.id, runnable.rule.per_million) for runnable in rules()}
    counts: Counter[str] = Counter()
    characters = 0
    for text in texts:
        characters += len(text)
        for one in rule_layer.find(make_draft(text)):
            if one.severity != severities[one.rule_id]:
                continue
            counts[one.rule_id] += 1
            examples = found[one.rule_id].examples
            if len(examples) < MOST_SHOWN:
                around = text[max(0, one.offset - 12) : one.end + 12]
                examples.append(" ".join(around.split()))
    for key, rate in found.items():
        rate.count = counts[key]
        rate.allowed = most_expected(max(rate.calibrated or 0.0, NEVER) * characters / 1_000_000)
    return characters, sorted(found.values(), key=lambda rate: -rate.count)
