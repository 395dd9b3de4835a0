"""Parsed documents, elements and chunks as JSON: how results leave the parser child and how the document page
reads them back. JSON and not pickle, since the child is not trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, cast

import orjson

from apps.rag.errors import ParseError
from apps.rag.types import Box, Chunk, Element, ElementKind, ParsedDocument, SourceFile, chunk_id

_KINDS = frozenset(("title", "heading", "paragraph", "list", "table", "image", "code"))
_DERIVED = ("id", "document_id", "generation", "index", "title")
_CHUNK_FIELDS = tuple(field.name for field in fields(Chunk) if field.name not in _DERIVED)
_ELEMENT_FIELDS = tuple(field.name for field in fields(Element))


def document_to_json(document: ParsedDocument) -> bytes:
    """UTF-8 JSON; fields of an element that hold nothing are left out."""
    return orjson.dumps(
        {**_summary(document), "elements": [_sparse(item, _ELEMENT_FIELDS) for item in document.elements]}
    )


def summary_to_json(document: ParsedDocument) -> bytes:
    """What concerns the whole document, without its elements."""
    return orjson.dumps(_summary(document))


def element_to_json(element: Element) -> bytes:
    """One line; fields that hold nothing are left out."""
    return orjson.dumps(_sparse(element, _ELEMENT_FIELDS))


def chunk_to_json(chunk: Chunk) -> bytes:
    """One line without what follows from the document: ids, generation, index and title."""
    return orjson.dumps(_sparse(chunk, _CHUNK_FIELDS))


def document_from_json(data: bytes) -> ParsedDocument:
    """The reverse. Raises ParseError(code="crashed") for what is not such JSON."""
    with _checked("parse result"):
        raw = orjson.loads(data)
        return replace(_document(raw), elements=tuple(_element(item) for item in raw["elements"]))


def summary_from_json(data: bytes) -> ParsedDocument:
    """The reverse, `elements` empty. Raises as above."""
    with _checked("parse result"):
        return _document(orjson.loads(data))


def element_from_json(data: bytes) -> Element:
    """The reverse. Raises as above."""
    with _checked("element"):
        return _element(orjson.loads(data))


def chunk_from_json(data: bytes, source: SourceFile, *, index: int) -> Chunk:
    """The chunk of that number of a document's generation. Raises as above."""
    with _checked("chunk"):
        return _chunk(orjson.loads(data), source, index)


@contextmanager
def _checked(what: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParseError(f"unreadable {what}: {error}", code="crashed") from error


def _summary(document: ParsedDocument) -> dict[str, Any]:
    return {
        "page_count": document.page_count,
        "language": document.language,
        "metadata": dict(document.metadata),
        "warnings": document.warnings,
        "page_sizes": document.page_sizes,
    }


def _document(raw: dict[str, Any]) -> ParsedDocument:
    return ParsedDocument(
        elements=(),
        page_count=raw["page_count"],
        language=raw["language"],
        metadata={str(key): str(value) for key, value in raw["metadata"].items()},
        warnings=tuple(str(warning) for warning in raw["warnings"]),
        page_sizes=tuple((float(width), float(height)) for width, height in raw["page_sizes"]),
    )


def _sparse(value: Element | Chunk, names: Sequence[str]) -> dict[str, Any]:
    filled = ((name, getattr(value, name)) for name in names)
    return {name: item for name, item in filled if item is not None and item != ()}


def _box(raw: dict[str, Any] | None) -> Box | None:
    if raw is None:
        return None
    return Box(int(raw["page"]), float(raw["x0"]), float(raw["y0"]), float(raw["x1"]), float(raw["y1"]))


def _element(raw: dict[str, Any]) -> Element:
    if raw["kind"] not in _KINDS:
        raise ValueError(f"unknown kind {raw['kind']!r}")
    return Element(
        kind=cast(ElementKind, raw["kind"]),
        text=str(raw["text"]),
        page=raw.get("page"),
        box=_box(raw.get("box")),
        headings=tuple(raw.get("headings", ())),
        level=raw.get("level"),
        sheet=raw.get("sheet"),
        cells=raw.get("cells"),
    )


def _chunk(raw: dict[str, Any], source: SourceFile, index: int) -> Chunk:
    boxes = (_box(box) for box in raw.get("boxes", ()))
    return Chunk(
        id=chunk_id(source.document_id, source.generation, index),
        document_id=source.document_id,
        generation=source.generation,
        index=index,
        title=source.title,
        text=str(raw["text"]),
        headings=tuple(raw.get("headings", ())),
        page_start=raw.get("page_start"),
        page_end=raw.get("page_end"),
        boxes=tuple(box for box in boxes if box is not None),
        sheet=raw.get("sheet"),
        cells=raw.get("cells"),
        language=raw.get("language"),
    )
