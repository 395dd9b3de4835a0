"""Findings of several engines become one list: agreement raises confidence, disagreement is shown."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from apps.office.proofreading.edits import trimmed
from apps.office.proofreading.types import Finding, Suggestion

_RANK = {"error": 0, "warning": 1, "info": 2}


def noisy_or(first: float, second: float) -> float:
    """The probability that at least one of two independent witnesses is right."""
    return round(1 - (1 - first) * (1 - second), 4)


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """By place. The same edit of several engines is one finding; of one engine's findings about the same
    characters the gravest stays; edits of different engines that exclude each other name each other."""
    agreed: list[Finding] = []
    for _key, same in groupby(sorted(findings, key=_edit), key=_edit):
        agreed.append(_joined(list(same)))
    kept = _without_weaker(agreed)
    return _with_conflicts(sorted(kept, key=lambda one: (one.offset, one.end, _RANK[one.severity])))


def _edit(finding: Finding) -> tuple[int, int, str]:
    """What a finding does to the text, however many characters around it are named: [start, end) → new."""
    if not finding.suggestions:
        return finding.offset, finding.end, f"\0{finding.rule_id}"
    new = finding.suggestions[0].value
    begin, end = trimmed(finding.text, new)
    return finding.offset + begin, finding.end - end, new[begin : len(new) - end]


def _joined(same: list[Finding]) -> Finding:
    same.sort(key=lambda one: (_RANK[one.severity], -one.confidence))
    best = same[0]
    for other in same[1:]:
        if set(other.engines) <= set(best.engines):
            continue
        alike = (other.offset, other.end) == (best.offset, best.end)
        best = best.changed(
            engines=tuple(dict.fromkeys((*best.engines, *other.engines))),
            confidence=noisy_or(best.confidence, other.confidence),
            suggestions=_by_value((*best.suggestions, *(other.suggestions if alike else ()))),
            sources=(*best.sources, *other.sources),
        )
    return best


def _by_value(suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """Each value once, in the order of the first."""
    found: dict[str, Suggestion] = {}
    for one in suggestions:
        found.setdefault(one.value, one)
    return tuple(found.values())


def _without_weaker(findings: list[Finding]) -> list[Finding]:
    """Of one engine's overlapping edits the gravest, then the surest, then the shortest."""
    order = sorted(findings, key=lambda one: (_RANK[one.severity], -one.confidence, one.length, one.offset))
    kept: list[Finding] = []
    taken: dict[int, list[Finding]] = {}  # paragraph → kept there
    for finding in order:
        rivals = taken.setdefault(finding.paragraph, [])
        beaten = finding.operation != "flag" and any(
            rival.operation != "flag" and rival.engines == finding.engines and _overlap(rival, finding)
            for rival in rivals
        )
        if not beaten:
            rivals.append(finding)
            kept.append(finding)
    return kept


def _overlap(first: Finding, second: Finding) -> bool:
    return first.offset < max(second.end, second.offset + 1) and second.offset < max(
        first.end, first.offset + 1
    )


def _with_conflicts(findings: list[Finding]) -> list[Finding]:
    found = list(findings)
    for place, finding in enumerate(findings):
        for later in range(place + 1, len(findings)):
            other = findings[later]
            if other.offset >= max(finding.end, finding.offset + 1):
                break
            if finding.suggestions and other.suggestions:
                found[place] = found[place].changed(conflicts=(*found[place].conflicts, later))
                found[later] = found[later].changed(conflicts=(*found[later].conflicts, place))
    return found
