"""A Word file as its parts: opened with care, changed part by part, written with the rest byte for byte."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.problems import Problem

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
DOCUMENT, COMMENTS = "word/document.xml", "word/comments.xml"
MOST_PARTS, MOST_BYTES, MOST_RATIO = 5_000, 300 * 1024 * 1024, 200
MOST_XML = 60 * 1024 * 1024


def w(name: str) -> str:
    return f"{{{W}}}{name}"


def _broken() -> Problem:
    return Problem(
        422, _("The file is no Word document that can be read. Save it again as .docx."), code="unreadable"
    )


class Package:
    """Raises Problem 422 for what is no .docx, has a password or macros, or unpacks to too much."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            self._check()
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            raise _broken() from error
        self._changed: dict[str, bytes] = {}

    def _check(self) -> None:
        entries = self._archive.infolist()
        total, packed = (
            sum(entry.file_size for entry in entries),
            sum(entry.compress_size for entry in entries),
        )
        names = {entry.filename for entry in entries}
        if len(names) != len(entries) or DOCUMENT not in names or "[Content_Types].xml" not in names:
            raise _broken()
        if len(entries) > MOST_PARTS or total > MOST_BYTES or total > MOST_RATIO * max(packed, 1024):
            raise Problem(422, _("The file unpacks to far more than it seems to hold."), code="zip_bomb")
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Problem(422, _("The file holds macros. Save it as .docx without macros."), code="macros")

    def read(self, name: str) -> bytes | None:
        if name in self._changed:
            return self._changed[name]
        try:
            entry = self._archive.getinfo(name)
            if entry.file_size > MOST_XML:
                raise Problem(422, _("The file unpacks to far more than it seems to hold."), code="zip_bomb")
            return self._archive.read(entry)
        except KeyError:
            return None
        except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError) as error:
            raise _broken() from error

    def xml(self, name: str) -> _Element | None:
        """A part's root; entities and the network are off. None where there is no such part."""
        from lxml import etree

        data = self.read(name)
        if data is None:
            return None
        if b"<!DOCTYPE" in data[:4096]:
            raise _broken()
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            raise _broken() from error

    def put(self, name: str, root: _Element) -> None:
        from lxml import etree

        self._changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)

    def bytes(self) -> bytes:
        """The file, with changed parts in their places and new ones at the end."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            written = set()
            for entry in self._archive.infolist():
                written.add(entry.filename)
                target.writestr(entry, self._changed.get(entry.filename) or self._archive.read(entry))
            for name, data in self._changed.items():
                if name not in written:
                    target.writestr(name, data)
        return out.getvalue()

    def register_comments(self) -> None:
        """Name the part of comments among the types and the relations, once."""
        from lxml import etree

        types = self.xml("[Content_Types].xml")
        assert types is not None
        if not any(node.get("PartName") == f"/{COMMENTS}" for node in types):
            etree.SubElement(
                types, f"{{{TYPES}}}Override", PartName=f"/{COMMENTS}", ContentType=COMMENTS_TYPE
            )
            self.put("[Content_Types].xml", types)
        name = "word/_rels/document.xml.rels"
        relations = self.xml(name)
        if relations is None:
            relations = etree.Element(f"{{{RELATIONS}}}Relationships", nsmap={None: RELATIONS})
        if any(node.get("Type") == f"{OFFICE}/comments" for node in relations):
            return
        numbers = [
            int(found[1]) for node in relations if (found := re.match(r"rId(\d+)$", node.get("Id", "")))
        ]
        etree.SubElement(
            relations, f"{{{RELATIONS}}}Relationship", Id=f"rId{max(numbers, default=0) + 1}",
            Type=f"{OFFICE}/comments", Target="comments.xml",
        )  # fmt: skip
        self.put(name, relations)
