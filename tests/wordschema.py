"""What Microsoft's Open XML SDK finds wrong with a Word file: its schemas and rules, by the port `openxml-audit`."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from functools import cache
from typing import Any

STYLES = "word/styles.xml"
TABLE_STYLE = re.compile(rb'<w:style w:type="table" w:styleId="([^"]+)">.*?</w:style>', re.S)


@cache
def _validator() -> Any:
    from openxml_audit import FileFormat, OpenXmlValidator

    return OpenXmlValidator(file_format=FileFormat.OFFICE_2019, max_errors=200)


def schema_faults(data: bytes) -> list[str]:
    """Each with its part and place; empty where Word's schema accepts the file."""
    with tempfile.NamedTemporaryFile(suffix=".docx") as file:
        file.write(_lean(data))
        file.flush()
        found = _validator().validate(file.name).errors
    return [f"{one.part_uri} {one.path}: {one.description}" for one in found]


def _lean(data: bytes) -> bytes:
    """Without the table styles of python-docx's template that the document does not use: most of what is to be read."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w") as target:
        body = given.read("word/document.xml")
        for entry in given.infolist():
            content = given.read(entry)
            if entry.filename == STYLES:
                content = TABLE_STYLE.sub(lambda found: found[0] if found[1] in body else b"", content)
            target.writestr(entry, content)
    return out.getvalue()
