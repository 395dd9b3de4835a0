"""The measures of the layout. Millimetres and points; a twip is a twentieth of a point.

22 lines of 28.95 pt fill the 225 mm of the type area, 28 characters of 16 pt set 0.25 pt closer its 156 mm.
"""

from __future__ import annotations

import unicodedata

PAGE_MM = (210.0, 297.0)
TOP_MM, LEFT_MM, BOTTOM_MM, RIGHT_MM = 37.0, 28.0, 35.0, 26.0
WIDTH_MM, HEIGHT_MM = 156.0, 225.0
LINES, CHARACTERS = 22, 28
LINE_PT, BODY_PT, TITLE_PT, FOOT_PT = 28.95, 16.0, 22.0, 14.0
TIGHTER_PT = -0.25
PT_PER_MM = 72 / 25.4
WIDTH_PT = WIDTH_MM * PT_PER_MM
EM_PT = BODY_PT + TIGHTER_PT  # what a character of the text takes
RED = "FF0000"

XIAOBIAOSONG, FANGSONG, KAITI, HEITI, SONGTI = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
LATIN = "Times New Roman"
LEVEL_FONTS = {1: HEITI, 2: KAITI, 3: FANGSONG, 4: FANGSONG}


def twips(points: float) -> int:
    return round(points * 20)


def mm(value: float) -> float:
    """Millimetres as points."""
    return value * PT_PER_MM


def width_of(text: str, *, em: float = EM_PT, tighter: float = TIGHTER_PT) -> float:
    """About how wide a line of text is, in points: an ideograph an em, a Latin letter or digit half the type size."""
    half = (em - tighter) / 2 + tighter
    return sum(em if unicodedata.east_asian_width(letter) in "WFA" else half for letter in text)
