"""Document properties of Open XML files."""

from __future__ import annotations

from typing import Any

from apps.rag.parsing.clean import one_line

_FIELDS = ("title", "author", "creator", "subject", "keywords", "category")
_DATES = ("created", "modified")
_MAX = 500


def core_properties(properties: Any) -> dict[str, str]:
    """Title, author, … and ISO dates of python-docx, python-pptx or openpyxl properties."""
    found: dict[str, str] = {}
    for name in _FIELDS:
        value = getattr(properties, name, None)
        if isinstance(value, str) and value.strip():
            found["author" if name == "creator" else name] = one_line(value)[:_MAX]
    for name in _DATES:
        value = getattr(properties, name, None)
        if value is not None and hasattr(value, "isoformat"):
            found[name] = value.isoformat()
    return found
