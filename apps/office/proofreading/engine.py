"""All layers over one draft."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from apps.office.proofreading import english, lexicon, rule_layer
from apps.office.proofreading.catalogue import rules
from apps.office.proofreading.lexicon import Lexicon
from apps.office.proofreading.merging import merge
from apps.office.proofreading.page_layout import PageLayout
from apps.office.proofreading.spans import Spans
from apps.office.proofreading.text import Draft, kind_of, language_of
from apps.office.proofreading.types import Finding, Rule

PROFILES = ("precise", "balanced")
LOCAL = ("rules", "dictionary", "statistics")  # those that need no model
OF_WORDS = frozenset({"错别字", "多字少字", "规范表述", "语法", "语义", "知识"})
DONE, PENDING, UNAVAILABLE, SKIPPED = "done", "pending", "unavailable", "skipped"


class Corrector(Protocol):
    """Layer c, as the engine needs it."""

    fingerprint: str

    def find(self, draft: Draft, *, gain: float, spared: Sequence[tuple[int, int]]) -> Iterator[Finding]: ...

    def gain_for(self, *, profile: str, false_alarms: float | None) -> float: ...


@dataclass(frozen=True, slots=True)
class Options:
    """`false_alarms`: the share of clean sentences (0–0.2) that may be touched; None takes the profile's."""

    profile: str = "balanced"
    engines: frozenset[str] = frozenset(LOCAL)
    false_alarms: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    findings: list[Finding]
    language: str
    kind: str
    engines: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def summary(self) -> dict[str, dict[str, int]]:
        return {
            "by_category": dict(Counter(one.category for one in self.findings).most_common()),
            "by_severity": dict(Counter(one.severity for one in self.findings).most_common()),
        }


def all_rules() -> list[Rule]:
    """Every rule that a finding may name."""
    from apps.office.proofreading import facts_rules, guessing, model_rules

    layers = (*lexicon.RULES, english.SPELLING, *guessing.RULES, *model_rules.RULES, *facts_rules.RULES)
    return [*(runnable.rule for runnable in rules()), *layers]


def make_draft(
    text: str, *, language: str = "auto", kind: str = "", layout: PageLayout | None = None
) -> Draft:
    chosen = language_of(text) if language == "auto" else language
    return Draft(text, chosen, kind or kind_of(text), layout)


def proofread(
    draft: Draft,
    *,
    words: Lexicon | None = None,
    options: Options | None = None,
    corrector: Corrector | None = None,
    more: Sequence[Finding] = (),
) -> Report:
    """Layers a to c, and what other engines found (`more`), merged. `engines` says of each what it did."""
    words, options = words or Lexicon(), options or Options()
    found: list[Finding] = list(more)
    done: dict[str, str] = {}
    if "rules" in options.engines:
        found += rule_layer.find(draft)
        done["rules"] = DONE
    if "dictionary" in options.engines:
        found += words.find(draft)
        found += english.find(draft)
        done["dictionary"] = DONE
    if "statistics" in options.engines:
        done["statistics"] = UNAVAILABLE if corrector is None else DONE
        if corrector is not None:
            gain = corrector.gain_for(profile=options.profile, false_alarms=options.false_alarms)
            found += corrector.find(draft, gain=gain, spared=list(words.named.spans(draft.text)))
    allowed = words.permits(draft.text)
    kept = [one for one in found if _wanted(one, allowed, words, options)]
    return Report(
        merge(kept), draft.language, draft.kind, done, fingerprint_of(draft, words, options, corrector)
    )


def _wanted(finding: Finding, allowed: Spans, words: Lexicon, options: Options) -> bool:
    """What the organisation allows is no finding; the precise profile leaves out what is only a hint."""
    if finding.rule_id in words.muted:
        return False
    if options.profile == "precise" and finding.severity == "info" and finding.engines[0] != "facts":
        return False
    return finding.category not in OF_WORDS or not allowed.touch(finding.offset, finding.end)


def fingerprint_of(draft: Draft, words: Lexicon, options: Options, corrector: Corrector | None) -> str:
    """The same for the same text, rules, words, options and model: then the findings are the same."""
    parts = (
        draft.text, draft.language, draft.kind, options.profile, str(options.false_alarms), *sorted(options.engines),
        *sorted(words.allow), *sorted(f"{old}>{new}" for old, new in words.pairs.items()), *sorted(words.forbid),
        *sorted(words.muted), *(f"{one.id}:{one.version}" for one in all_rules()),
        corrector.fingerprint if corrector else "",
    )  # fmt: skip
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
