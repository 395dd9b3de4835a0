"""Tells text from what only looks like it: the text layers of PDFs with a broken Unicode map."""

from __future__ import annotations

import re

from apps.rag.encoding import COMMON

_SAMPLE = 65_536  # characters judged
_MANY = 60  # ideographs, of which a Chinese or Japanese text has at least a few everyday ones
_ACCENT_RUN = re.compile("[\u0080-\u00ff]{3,}")


def is_mojibake(text: str) -> bool:
    """Whether text that a file gives as Unicode is none: private or unknown characters, Latin letters
    with accents in a row (bytes of GBK or UTF-8 read as Latin), or ideographs that nobody writes."""
    solid = [char for char in text[:_SAMPLE] if not char.isspace()]
    if not solid:
        return False
    bad = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in solid)
    if bad * 3 > len(solid):
        return True
    accents = sum(len(run) for run in _ACCENT_RUN.findall(text[:_SAMPLE]))
    if accents * 3 > len(solid):
        return True
    ideographs = [char for char in solid if "\u3400" <= char <= "\u9fff"]
    return len(ideographs) >= _MANY and sum(char in COMMON for char in ideographs) * 25 < len(ideographs)
