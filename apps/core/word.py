"""Word files as this program writes them with python-docx."""

from __future__ import annotations

import io
from typing import Any

# A second table of styles that Word 2010 kept for Word 2007. It comes with python-docx's template, and whoever
# changes a style makes it contradict the first.
LEFTOVER = "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects"


def word_bytes(document: Any) -> bytes:
    """The bytes of a .docx, without the template's leftovers."""
    relations = document.part.rels
    for key in [key for key, relation in relations.items() if relation.reltype == LEFTOVER]:
        del relations[key]
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()
