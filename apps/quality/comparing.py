"""Two runs side by side: which questions got better, which got worse, and what was different around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from apps.quality.models import GoldenResult, GoldenRun

Direction = Literal["better", "worse", "same", "new", "gone"]


@dataclass(frozen=True, slots=True)
class Change:
    """One question in both runs; `before` or `after` is None where the run did not have it."""

    before: GoldenResult | None
    after: GoldenResult | None
    direction: Direction

    @property
    def shown(self) -> GoldenResult:
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differences` are the settings and surroundings that changed: name → (before, after)."""

    before: GoldenRun
    after: GoldenRun
    better: list[Change]
    worse: list[Change]
    same: list[Change]
    only_one: list[Change]
    differences: Mapping[str, tuple[Any, Any]]


def compare(before: GoldenRun, after: GoldenRun) -> Comparison:
    """Questions are matched by their words, so that one that was written again is the same."""
    old = {result.text: result for result in before.results.exclude(done_at=None)}
    new = {result.text: result for result in after.results.exclude(done_at=None)}
    changes = [
        Change(old.get(text), result, direction(old.get(text), result)) for text, result in new.items()
    ]
    changes += [Change(result, None, "gone") for text, result in old.items() if text not in new]
    by: dict[str, list[Change]] = {"better": [], "worse": [], "same": [], "new": [], "gone": []}
    for change in changes:
        by[change.direction].append(change)
    return Comparison(
        before,
        after,
        by["better"],
        by["worse"],
        by["same"],
        by["new"] + by["gone"],
        _differences(before, after),
    )


def direction(before: GoldenResult | None, after: GoldenResult | None) -> Direction:
    """Passing counts first, then being cited, then the rank."""
    if before is None or after is None:
        return "new" if before is None else "gone"
    old, new = _worth(before), _worth(after)
    if new == old:
        return "same"
    return "better" if new > old else "worse"


def _worth(result: GoldenResult) -> tuple[bool, bool, float]:
    return result.passed, result.cited, 1 / result.rank if result.rank else 0.0


def _differences(before: GoldenRun, after: GoldenRun) -> dict[str, tuple[Any, Any]]:
    sides = ({**before.options, **before.environment}, {**after.options, **after.environment})
    names = [*sides[1], *(name for name in sides[0] if name not in sides[1])]
    return {
        name: (sides[0].get(name), sides[1].get(name))
        for name in names
        if sides[0].get(name) != sides[1].get(name) and name != "readings"
    }
