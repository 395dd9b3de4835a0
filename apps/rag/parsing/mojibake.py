"""Tells text from what only looks like it: the text layers of PDFs with a broken Unicode map."""

from __future__ import annotations

import re

from apps.rag.encoding import COMMON

_SAMPLE = 65_536  # characters judged
_MANY = 60  # ideographs, of which a Chinese or Japanese text has at least a few everyday ones
_BAD = re.compile("[\ufffd\ue000-\uf8ff]")
_IDEOGRAPH = re.compile("[\u3400-\u9fff]")
_ACCENT_RUN = re.compile("[\u0080-\u00ff]{3,}")


def is_mojibake(text: str) -> bool:
    """Whether text that a file gives as Unicode is none: private or unknown characters, Latin letters
    with accents in a row (bytes of GBK or UTF-8 read as Latin), or ideographs that nobody writes."""
    if text.isascii():
        return False
    sample = text[:_SAMPLE]
    solid = len("".join(sample.split()))
    if not solid:
        return False
    if len(_BAD.findall(sample)) * 3 > solid:
        return True
    if sum(map(len, _ACCENT_RUN.findall(sample))) * 3 > solid:
        return True
    ideographs = _IDEOGRAPH.findall(sample)
    return len(ideographs) >= _MANY and sum(char in COMMON for char in ideographs) * 25 < len(ideographs)
