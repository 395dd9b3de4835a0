"""The rank of a rule of the state, by its title: a code stands above a law, a law above what explains it.

Where several rules speak of the same thing, laypeople's questions are answered by the higher one first (效力位阶).
That holds among rules of the state alone: beside the regulations of an organisation nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

Rank = Literal["code", "law", "reading", "other", ""]
MOSTLY = 0.8  # of the passages, by count, have to be rules of the state for their rank to mean something

_ARTICLE = re.compile(r"\s*第[〇零一二三四五六七八九十百千\d]+[条章节].*$")
_VERSION = r"(?:[（(【\[][^（()）]{1,24}[）)】\]])?$"  # （2018年修正）
_CODE = re.compile(rf"(?:宪法|民法典|刑法|民事诉讼法|刑事诉讼法|行政诉讼法){_VERSION}")
_LAW = re.compile(rf"(?:法典|(?<![办方看想说做用语书手技魔碱心文])法){_VERSION}")
_READING = re.compile(r"^《?最高人民(?:法院|检察院)")
_OTHER = re.compile(
    rf"(?:条例|实施细则){_VERSION}|^(?:中华人民共和国|国务院).*(?:规定|办法|规则|细则|决定){_VERSION}"
)


def bare(title: str) -> str:
    """The title of the rule itself, where each of its articles is filed apart."""
    return _ARTICLE.sub("", title)


@lru_cache(maxsize=4096)
def rank_of(title: str) -> Rank:
    """Empty for what is no rule of the state, as far as its title says: articles filed apart are taken for rules,
    whatever those are called. `title` is folded."""
    name = bare(title).strip("《》 ")
    if not name:
        return ""
    if _READING.search(name):
        return "reading"
    if _CODE.search(name):
        return "code"
    if _LAW.search(name):
        return "law"
    return "other" if bare(title) != title or _OTHER.search(name) else ""


def ranks(titles: Sequence[str]) -> list[Rank]:
    """The rank of each, or none at all where most are no rules of the state."""
    found = [rank_of(title) for title in titles]
    return found if sum(map(bool, found)) >= MOSTLY * len(found) else [""] * len(found)
