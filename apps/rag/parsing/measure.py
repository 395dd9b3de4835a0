"""The size of a text in units near a multilingual model's tokens."""

from __future__ import annotations

import re

_CJK = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(
    r"[^\W_\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_SIGN = re.compile(r"[^\w\s|]|_")
_WORD_UNITS, _SIGN_UNITS, _LETTERS_A_UNIT = 1.8, 0.2, 4.5


def units(text: str) -> float:
    """The size of a text. A long run of letters (a URL, base64) counts by its letters."""
    words = _WORD.findall(text)
    size = len(_CJK.findall(text)) + _SIGN_UNITS * len(_SIGN.findall(text))
    return size + sum(_WORD_UNITS if len(word) <= 8 else len(word) / _LETTERS_A_UNIT for word in words)
