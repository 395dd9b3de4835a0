"""The headings and numbers of Chinese official writing, told by their form."""

from __future__ import annotations

import re

_NUMBER = r"[0-9０-９零〇一二三四五六七八九十百千两]+"
_PARTS = {"编": 1, "篇": 1, "部分": 1, "分编": 2, "章": 2, "节": 3}
_PART = re.compile(rf"^第\s*{_NUMBER}\s*(分编|部分|编|篇|章|节)(?=$|[\s　:：、—-]|[^的第十百千])")
_ARTICLE = re.compile(
    rf"^[\s　]*(?:\*\*)?第\s*{_NUMBER}\s*条(?:之{_NUMBER})?(?:\*\*)?(?=$|[\s　:：【\[（(]|[^\s款项的和与至、，。；])"
)
_ITEM = re.compile(r"^[一二三四五六七八九十百]{1,4}、")
_SUBITEM = re.compile(r"^[（(][一二三四五六七八九十百]{1,4}[）)]")
_DECIMAL = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})[\s　.、]?[\s　]*(?=\D)")
_APPENDIX = re.compile(
    r"^(?:附\s*录\s*[A-Z一二三四五六七八九十]|附\s*件\s*[0-9一二三四五六七八九十]*\s*[:：]?$|附\s*则$|前\s*言$|引\s*言$|目\s*[录次]$)"
)
_BULLET = re.compile(
    r"^(?:[•●○■□◆◇▪▫‣∙·※►▶➢✓✔*–—-]\s+|[•●■◆▪➢\uf06c\uf0b7]|[（(]?\d{1,3}[)）]\s*|\d{1,3}[.、]\s+|[a-zA-Z][.)]\s+|[①-⑳])"
)
_STOPS = "。；！？;，,、：:"
_MAX_SHORT = 40  # characters; longer numbered lines are sentences


def article(text: str) -> bool:
    """Whether a paragraph opens an article (第十二条 …)."""
    return bool(_ARTICLE.match(text))


def heading_level(text: str) -> int | None:
    """The level that a line's form gives it (编 1, 章 2, 节 3, 一、 4, （一） 5), None for body text."""
    text = text.strip()
    part = _PART.match(text)
    if part and len(text) <= _MAX_SHORT and text[-1] not in _STOPS:
        return _PARTS[part[1]]
    if len(text) > _MAX_SHORT or not text or text[-1] in _STOPS or "。" in text:
        return None
    if _APPENDIX.match(text):
        return 1
    if _ITEM.match(text):
        return 4
    return 5 if _SUBITEM.match(text) else None


def is_bullet(text: str) -> bool:
    return bool(_BULLET.match(text))


def starts_block(text: str) -> bool:
    """Whether a line can only be the start of a paragraph."""
    text = text.lstrip()
    return bool(
        _PART.match(text)
        or _ARTICLE.match(text)
        or _ITEM.match(text)
        or _SUBITEM.match(text)
        or _APPENDIX.match(text)
        or _BULLET.match(text)
    )


def decimal_level(text: str) -> int | None:
    """2 for "3.1 范围": the depth of a decimal section number that a short line opens with."""
    match = _DECIMAL.match(text)
    if not match or len(text) > _MAX_SHORT * 2 or text[-1:] in "。；;，,、":
        return None
    return match[1].count(".") + 1
