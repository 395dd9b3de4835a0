"""What the three kinds of OpenDocument file share: the zip, styles, lengths, the text of a paragraph."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing.clean import one_line
from apps.rag.parsing.xmlsafe import parse_xml
from apps.rag.parsing.zipguard import check, read_member

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE = f"{{{_URN}office:1.0}}", f"{{{_URN}text:1.0}}", f"{{{_URN}table:1.0}}"
DRAW, STYLE = f"{{{_URN}drawing:1.0}}", f"{{{_URN}style:1.0}}"
PRESENTATION = f"{{{_URN}presentation:1.0}}"
SVG, FO = f"{{{_URN}svg-compatible:1.0}}", f"{{{_URN}xsl-fo-compatible:1.0}}"
_DC, _META = "{http://purl.org/dc/elements/1.1/}", f"{{{_URN}meta:1.0}}"
_METADATA = {
    _DC + "title": "title",
    _META + "initial-creator": "author",
    _DC + "subject": "subject",
    _META + "keyword": "keywords",
    _META + "creation-date": "created",
    _DC + "date": "modified",
}
_SKIPPED = frozenset((OFFICE + "annotation", OFFICE + "annotation-end", TEXT + "ruby-text", TEXT + "note"))
_APART = frozenset((DRAW + "frame", DRAW + "custom-shape", DRAW + "g"))  # text of its own, read elsewhere
_POINTS = {"pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pc": 12.0, "px": 0.75}
_LENGTH = re.compile(r"^(-?[\d.]+)(pt|in|cm|mm|pc|px)$")
_MAX_SPACES = 200
_ENCRYPTED = b"encryption-data"


@dataclass(frozen=True, slots=True)
class Package:
    """`content` and `styles` are lxml roots, styles None where the file has none."""

    content: Any
    styles: Any | None
    metadata: dict[str, str]

    def body(self, kind: str) -> Any:
        """office:text, office:spreadsheet or office:presentation. Raises ParseError(corrupt)."""
        found = self.content.find(f"{OFFICE}body/{OFFICE}{kind}")
        if found is None:
            raise ParseError(f"the file has no office:{kind}", code="corrupt")
        return found


def load(path: Path) -> Package:
    """Raises ParseError: zip_bomb, password, corrupt."""
    check(path, needs="content.xml")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        manifest = read_member(archive, "META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
        if _ENCRYPTED in manifest:
            raise ParseError("encrypted OpenDocument file", code="password")
        content = parse_xml(read_member(archive, "content.xml"), what="content.xml")
        styles = (
            parse_xml(read_member(archive, "styles.xml"), what="styles.xml")
            if "styles.xml" in names
            else None
        )
        meta = parse_xml(read_member(archive, "meta.xml"), what="meta.xml") if "meta.xml" in names else None
    return Package(content, styles, _metadata(meta))


def _metadata(root: Any | None) -> dict[str, str]:
    if root is None:
        return {}
    found = (
        (name, one_line("".join(node.itertext()))[:500])
        for tag, name in _METADATA.items()
        for node in root.iter(tag)
    )
    return {name: text for name, text in found if text}


def paragraph_text(node: Any) -> str:
    """The text of a text:p or text:h; frames inside it are left to the caller, comments out."""
    parts = [node.text or ""]
    for child in node:
        if child.tag == TEXT + "s":
            parts.append(" " * min(_MAX_SPACES, count(child, TEXT + "c")))
        elif child.tag == TEXT + "tab":
            parts.append("\t")
        elif child.tag == TEXT + "line-break":
            parts.append("\n")
        elif child.tag not in _SKIPPED and child.tag not in _APART:
            parts.append(paragraph_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def all_text(node: Any) -> str:
    """The text of every paragraph below a node, a line each."""
    return "\n".join(paragraph_text(item) for item in node.iter(TEXT + "p", TEXT + "h"))


def count(node: Any, name: str) -> int:
    """A repetition, span or level; 1 where it is not a number above 0."""
    value = node.get(name) or "1"
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 10 else 1


def points(value: str | None) -> float | None:
    """An ODF length in points."""
    match = _LENGTH.match(value or "")
    try:
        return float(match[1]) * _POINTS[match[2]] if match else None
    except ValueError:
        return None
