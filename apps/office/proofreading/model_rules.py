"""The rules of layer d: classes of what a chat model may tell. Grammar has six."""

from __future__ import annotations

from apps.office.proofreading.types import Rule


def _rule(key: str, category: str, severity: str, kind: str, zh: str, en: str) -> Rule:
    return Rule(id=key, category=category, severity=severity, type=kind, title={"zh": zh, "en": en})


BY_CLASS = {
    "错别字": _rule("M01", "错别字", "warning", "misspelling", "别字", "A wrong character or word"),
    "多字少字": _rule(
        "M02", "多字少字", "warning", "misspelling", "多字或者少字", "A word too many or missing"
    ),
    "成分残缺": _rule("M03", "语法", "warning", "grammar", "成分残缺", "A part of the sentence is missing"),
    "成分赘余": _rule("M04", "语法", "warning", "grammar", "成分赘余", "A part of the sentence is redundant"),
    "搭配不当": _rule("M05", "语法", "warning", "grammar", "搭配不当", "Words that do not go together"),
    "语序不当": _rule("M06", "语法", "warning", "grammar", "语序不当", "The order of words is wrong"),
    "句式杂糅": _rule("M07", "语法", "warning", "grammar", "句式杂糅", "Two constructions in one"),
    "不合逻辑": _rule("M08", "语义", "warning", "grammar", "不合逻辑", "It does not make sense"),
    "歧义": _rule("M09", "语义", "info", "grammar", "可能有歧义", "It can be read in two ways"),
    "标点": _rule("M10", "标点", "info", "typographical", "标点", "Punctuation"),
}
RULES = tuple(BY_CLASS.values())
