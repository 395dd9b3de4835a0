"""EPUB: the pages that the spine names, in its order, each read as a web page."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from apps.rag.errors import ParseError
from apps.rag.parsing import progress
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line
from apps.rag.parsing.notes import note
from apps.rag.parsing.page import add_html
from apps.rag.parsing.xmlsafe import local, parse_xml
from apps.rag.parsing.zipguard import check, read_member
from apps.rag.types import ParsedDocument

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_SCHEMES = (
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
)  # only fonts are veiled
_MAX_PAGES = 5_000
_PAGE_BYTES = 64 * 1024 * 1024
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_METADATA = {
    "title": "title",
    "creator": "author",
    "subject": "subject",
    "date": "created",
    "publisher": "publisher",
}


def parse_epub(path: Path) -> ParsedDocument:
    """Raises ParseError: password (rights management), zip_bomb, corrupt, empty."""
    check(path, needs=_CONTAINER.lower())
    builder = Builder()
    with zipfile.ZipFile(path) as archive:
        _refuse_protected(archive)
        opf_path = _opf_path(archive)
        opf = parse_xml(_member(archive, opf_path), what="the package")
        pages = _spine(opf, posixpath.dirname(opf_path))
        if len(pages) > _MAX_PAGES:
            builder.warn(note("pages_cut", total=len(pages), kept=_MAX_PAGES))
        missing = 0
        for number, name in enumerate(pages[:_MAX_PAGES], start=1):
            missing += not _add_page(archive, name, builder)
            progress.step(number, min(len(pages), _MAX_PAGES))
    if missing:
        builder.warn(note("parts_missing", count=missing))
    return builder.document(metadata=_metadata(opf))


def _refuse_protected(archive: zipfile.ZipFile) -> None:
    if _ENCRYPTION not in archive.namelist():
        return
    root = parse_xml(read_member(archive, _ENCRYPTION), what=_ENCRYPTION)
    methods = [node.get("Algorithm") or "" for node in root.iter() if local(node) == "EncryptionMethod"]
    if any(method not in _FONT_SCHEMES for method in methods):
        raise ParseError("the book is under rights management", code="password")


def _opf_path(archive: zipfile.ZipFile) -> str:
    root = parse_xml(_member(archive, _CONTAINER), what=_CONTAINER)
    for node in root.iter():
        if local(node) == "rootfile" and node.get("full-path"):
            return posixpath.normpath(str(node.get("full-path")))
    raise ParseError("the container names no package", code="corrupt")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return read_member(archive, name, limit=_PAGE_BYTES)
    except KeyError as error:
        raise ParseError(f"{name} is missing", code="corrupt") from error


def _spine(opf: Any, folder: str) -> list[str]:
    """The names of the pages in reading order; the table of contents and what is not local are out."""
    items = {node.get("id"): node for node in opf.iter() if local(node) == "item"}
    names: dict[str, None] = {}
    for reference in opf.iter():
        item = items.get(reference.get("idref")) if local(reference) == "itemref" else None
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        target = urlsplit(item.get("href") or "")
        if item.get("media-type") in _PAGES and not target.scheme and not target.netloc and target.path:
            names[posixpath.normpath(posixpath.join(folder, unquote(target.path)))] = None
    return list(names)


def _add_page(archive: zipfile.ZipFile, name: str, builder: Builder) -> bool:
    try:
        add_html(read_member(archive, name, limit=_PAGE_BYTES), builder)
    except KeyError:
        return False
    except ParseError as error:
        if error.code != "empty":  # a page of a picture alone
            raise
    return True


def _metadata(opf: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in opf.iter():
        name = _METADATA.get(local(node))
        if name and name not in found and (node.text or "").strip():
            found[name] = one_line(node.text)[:500]
    return found
