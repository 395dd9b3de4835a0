"""Findings in LanguageTool's words: offsets in UTF-16 code units, issue types, categories, sentences."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from apps.office.proofreading.engine import all_rules
from apps.office.proofreading.text import Draft, Utf16
from apps.office.proofreading.types import Finding

API_VERSION = 1
AROUND = 40  # code points of context on each side
CATEGORY_IDS = {
    "错别字": "TYPOS", "多字少字": "REDUNDANCY", "语法": "GRAMMAR", "语义": "SEMANTICS", "标点": "PUNCTUATION",
    "数字": "NUMBERS", "格式": "TYPOGRAPHY", "知识": "FACTS", "一致性": "CONSISTENCY", "规范表述": "STYLE",
    "个人信息": "PRIVACY",
}  # fmt: skip
LANGUAGES = {"zh": ("Chinese", "zh-CN"), "en": ("English (US)", "en-US")}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which matches a client wants: ids of rules and categories. `only`: nothing but the enabled ones."""

    enabled_rules: Collection[str] = ()
    disabled_rules: Collection[str] = ()
    enabled_categories: Collection[str] = ()
    disabled_categories: Collection[str] = ()
    only: bool = False
    picky: bool = False

    def wants(self, finding: Finding) -> bool:
        category = CATEGORY_IDS[finding.category]
        if finding.rule_id in self.enabled_rules or category in self.enabled_categories:
            return True
        if self.only or finding.rule_id in self.disabled_rules or category in self.disabled_categories:
            return False
        return self.picky or finding.severity != "info"


def answer(
    draft: Draft, findings: Sequence[Finding], *, asked: str, choice: Choice, language: str
) -> dict[str, Any]:
    """The body of /v2/check. `asked` is the language as the client named it, `language` that of messages."""
    units = Utf16(draft.text)
    name, code = LANGUAGES[draft.language]
    detected = {"name": name, "code": code, "confidence": 0.99, "source": "askive"}
    shown = code if asked == "auto" else asked
    return {
        "software": {
            "name": "LanguageTool", "version": "6.5-askive", "buildDate": "2026-01-01 00:00:00 +0000",
            "apiVersion": API_VERSION, "premium": False, "premiumHint": "", "status": "",
        },
        "warnings": {"incompleteResults": False},
        "language": {"name": name, "code": shown, "detectedLanguage": detected},
        "matches": [_match(draft, units, one, language) for one in findings if choice.wants(one)],
        "sentenceRanges": [[units.units(start), units.units(end)] for start, end in draft.sentences],
    }  # fmt: skip


def _match(draft: Draft, units: Utf16, finding: Finding, language: str) -> dict[str, Any]:
    start, end = units.units(finding.offset), units.units(finding.end)
    left, right = max(0, finding.offset - AROUND), min(len(draft.text), finding.end + AROUND)
    title = finding.title[language]
    note = finding.note.get(language, "")
    around = next(((a, b) for a, b in draft.sentences if a <= finding.offset < b), (left, right))
    return {
        "message": " ".join(part for part in (title, note) if part),
        "shortMessage": title,
        "offset": start,
        "length": end - start,
        "replacements": [{"value": one.value} for one in finding.suggestions],
        "context": {
            "text": draft.text[left:right].replace("\n", " "),
            "offset": units.units(finding.offset) - units.units(left),
            "length": end - start,
        },
        "sentence": draft.text[around[0] : around[1]].strip(),
        "type": {"typeName": "UnknownWord" if finding.type == "misspelling" else "Other"},
        "rule": {
            "id": finding.rule_id,
            "description": title,
            "issueType": finding.type,
            "category": {"id": CATEGORY_IDS[finding.category], "name": finding.category},
        },
        "ignoreForIncompleteSentence": False,
        "contextForSureMatch": 0,
    }


def known_rule(key: str) -> bool:
    return any(rule.id == key for rule in all_rules())
