"""ParsedDocument and chunks as JSON: how results leave the parser child and how the document page
reads them back. JSON and not pickle, since the child is not trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast
from uuid import UUID

import orjson

from apps.rag.errors import ParseError
from apps.rag.types import Box, Chunk, Element, ElementKind, ParsedDocument

_KINDS = frozenset(("title", "heading", "paragraph", "list", "table", "image", "code"))
_CHUNK_FIELDS = tuple(field.name for field in fields(Chunk))
_ELEMENT_FIELDS = tuple(field.name for field in fields(Element))


def document_to_json(document: ParsedDocument) -> bytes:
    """UTF-8 JSON; fields of an element that hold nothing are left out."""
    return orjson.dumps(
        {
            "page_count": document.page_count,
            "language": document.language,
            "metadata": dict(document.metadata),
            "warnings": document.warnings,
            "page_sizes": document.page_sizes,
            "elements": [_sparse(element, _ELEMENT_FIELDS) for element in document.elements],
        }
    )


def document_from_json(data: bytes) -> ParsedDocument:
    """The reverse. Raises ParseError(code="crashed") for what is not such JSON."""
    try:
        raw = orjson.loads(data)
        return ParsedDocument(
            elements=tuple(_element(item) for item in raw["elements"]),
            page_count=raw["page_count"],
            language=raw["language"],
            metadata={str(key): str(value) for key, value in raw["metadata"].items()},
            warnings=tuple(str(warning) for warning in raw["warnings"]),
            page_sizes=tuple((float(width), float(height)) for width, height in raw["page_sizes"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParseError(f"unreadable parse result: {error}", code="crashed") from error


def chunks_to_json(chunks: Sequence[Chunk]) -> bytes:
    return orjson.dumps([_sparse(chunk, _CHUNK_FIELDS) for chunk in chunks])


def chunks_from_json(data: bytes) -> list[Chunk]:
    """The reverse. Raises ParseError(code="crashed") for what is not such JSON."""
    try:
        return [_chunk(item) for item in orjson.loads(data)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParseError(f"unreadable chunks: {error}", code="crashed") from error


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


def _chunk(raw: dict[str, Any]) -> Chunk:
    boxes = (_box(box) for box in raw.get("boxes", ()))
    return Chunk(
        id=UUID(raw["id"]),
        document_id=UUID(raw["document_id"]),
        generation=int(raw["generation"]),
        index=int(raw["index"]),
        title=str(raw["title"]),
        text=str(raw["text"]),
        headings=tuple(raw.get("headings", ())),
        page_start=raw.get("page_start"),
        page_end=raw.get("page_end"),
        boxes=tuple(box for box in boxes if box is not None),
        sheet=raw.get("sheet"),
        cells=raw.get("cells"),
        language=raw.get("language"),
    )
