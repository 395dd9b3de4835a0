"""The rules of facts that are looked up in the file cabinets."""

from __future__ import annotations

from apps.office.proofreading.types import Rule


def _rule(key: str, severity: str, category: str, zh: str, en: str) -> Rule:
    return Rule(
        id=key, category=category, severity=severity, type="inconsistency", title={"zh": zh, "en": en}
    )


NUMBER_OF_TITLE = _rule(
    "X01",
    "error",
    "知识",
    "文件名称与发文字号不一致",
    "The title has another document number in the cabinets",
)
UNKNOWN_NUMBER = _rule(
    "X02", "info", "知识", "文件柜中没有这个发文字号", "No document with this number is in the cabinets"
)
NOT_IN_FORCE = _rule(
    "X03", "error", "知识", "引用的文件已经失效", "The document quoted is no longer in force"
)
SIMILAR_TITLE = _rule(
    "X04", "warning", "知识", "文件名称与文件柜中的不一致", "The title is a little different in the cabinets"
)
TITLE_OF_NUMBER = _rule(
    "X05", "error", "知识", "发文字号属于另一个文件", "The number belongs to another document"
)
FIGURE = _rule("X06", "warning", "一致性", "与文件柜中的数字不一致", "A figure differs from the cabinets")
SIMILAR_NAME = _rule(
    "X07",
    "warning",
    "知识",
    "单位名称与文件柜中的不一致",
    "The name of a body is a little different in the cabinets",
)
RULES = (NUMBER_OF_TITLE, UNKNOWN_NUMBER, NOT_IN_FORCE, SIMILAR_TITLE, TITLE_OF_NUMBER, FIGURE, SIMILAR_NAME)
