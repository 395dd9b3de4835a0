"""The rules of layer c: what a guess is called. Each says that it is one."""

from __future__ import annotations

from apps.office.proofreading.types import Rule

CHARACTER = Rule(
    id="C01", category="错别字", severity="warning", type="misspelling",
    title={"zh": "疑似别字", "en": "Probably a wrong character"},
    example={"wrong": "认真惯彻落实", "right": "认真贯彻落实"},
)  # fmt: skip
WORD = Rule(
    id="C02", category="错别字", severity="warning", type="misspelling",
    title={"zh": "疑似同音词误用", "en": "Probably a word that sounds alike"},
    example={"wrong": "办理公是", "right": "办理公示"},
)  # fmt: skip
EXTRA = Rule(
    id="C03", category="多字少字", severity="warning", type="duplication",
    title={"zh": "疑似多字", "en": "Probably a character too many"},
    example={"wrong": "应当当按照规定", "right": "应当按照规定"},
)  # fmt: skip
SWAPPED = Rule(
    id="C04", category="语法", severity="warning", type="grammar",
    title={"zh": "疑似字序颠倒", "en": "Two characters are probably swapped"},
    example={"wrong": "行政关机", "right": "行政机关"},
)  # fmt: skip
RULES = (CHARACTER, WORD, EXTRA, SWAPPED)
