"""Layer a: the rules, over the draft as it stands."""

from __future__ import annotations

from collections.abc import Iterator

from apps.office.proofreading.catalogue import RunnableRule, rules
from apps.office.proofreading.edits import operation_of, smallest
from apps.office.proofreading.spans import Spans, code_spans, title_spans
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Finding, Hit, Rule, Suggestion

CONFIDENCE = {"error": 0.97, "warning": 0.85, "info": 0.6}
MOST_PER_RULE = 200  # of one rule in a draft: more say nothing new
_HOUSE = {
    "zh": "全文写法一致，可能是单位的习惯，仅作提示。",
    "en": "The text writes it so throughout, which may be a house style: only a hint.",
}
_OF_WORDS = frozenset("WGSD")  # these leave titles of other documents alone


def find(draft: Draft, *, only: frozenset[str] | None = None) -> Iterator[Finding]:
    """Findings of every rule, or of those named."""
    codes = Spans(code_spans(draft.text))
    titles = Spans(code_spans(draft.text) + title_spans(draft.text))
    for runnable in rules():
        rule = runnable.rule
        if (only is not None and rule.id not in only) or (
            runnable.kinds and draft.kind not in runnable.kinds
        ):
            continue
        spared = titles if rule.id[0] in _OF_WORDS else codes
        for hit in _hits(runnable, draft):
            about_title = draft.text[hit.start] == "《"
            if not (codes if about_title else spared).touch(hit.start, hit.end):
                made = finding_of(draft, rule, hit, engine="rules", confidence=CONFIDENCE[rule.severity])
                yield _as_hint(made) if _of_the_house(draft, runnable, hit) else made


def _of_the_house(draft: Draft, runnable: RunnableRule, hit: Hit) -> bool:
    """Written so throughout, in what is no official document: those are bound by the standard."""
    other = runnable.house.get(draft.text[hit.start])
    return other is not None and not draft.kind and other.search(draft.text) is None


def _as_hint(finding: Finding) -> Finding:
    return finding.changed(severity="info", confidence=CONFIDENCE["info"], note=finding.note or _HOUSE)


def _hits(runnable: RunnableRule, draft: Draft) -> Iterator[Hit]:
    found = 0
    for source in (
        runnable.pattern and runnable.pattern.hits(draft.text),
        runnable.check and runnable.check(draft),
    ):
        for hit in source or ():
            if found >= MOST_PER_RULE:
                return
            found += 1
            yield hit


def finding_of(draft: Draft, rule: Rule, hit: Hit, *, engine: str, confidence: float) -> Finding:
    """The hit as a finding, cut to the smallest edit. A match over line ends keeps the first line's part."""
    old = draft.text[hit.start : hit.end]
    lead = len(old) - len(old.lstrip("\r\n"))
    start, old = hit.start + lead, old[lead:].rstrip("\r\n")
    values = tuple(value.strip("\r\n") for value in hit.suggestions)
    if (
        rule.type not in {"misspelling", "terminology"} and engine != "facts"
    ):  # words and names are shown whole
        start, old, values = smallest(start, old, values)
    return Finding(
        offset=start,
        length=len(old),
        paragraph=draft.line_at(start),
        text=old,
        suggestions=tuple(Suggestion(value, round(1 - 0.1 * place, 2)) for place, value in enumerate(values)),
        category=rule.category,
        type=rule.type,
        operation=operation_of(old, values),
        severity=rule.severity,
        confidence=confidence,
        rule_id=rule.id,
        basis=rule.basis,
        engines=(engine,),
        title=rule.title,
        note=hit.note,
        version=rule.version,
    )
