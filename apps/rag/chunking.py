"""Passages by structure: sections stay apart, articles and small tables whole, table rows uncut.

Size is counted in units near a multilingual model's tokens: an ideograph is one, a word of letters
1.8, other signs 0.2. A chunk aims at 400 units: 400 ideographs or some 220 English words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from apps.rag.languages import detect
from apps.rag.parsing import outline
from apps.rag.parsing.clean import join_lines
from apps.rag.parsing.measure import units
from apps.rag.parsing.tables import split_markdown
from apps.rag.types import Box, Chunk, Element, ParsedDocument, SourceFile, chunk_id

_SEPARATORS = ["\n\n", "\n", "。", "！", "？", "；", ". ", "! ", "? ", "; ", "，", ", ", " ", ""]
_OPEN_END = re.compile(r"[\w，、,（(“\-]$")
_RANGE = re.compile(r"^([A-Z]+)(\d+):([A-Z]+)(\d+)$")
_MAX_BOXES = 200
_FINE = 10  # the splitter counts in whole numbers: tenths of a unit


@dataclass(slots=True)
class _Piece:
    """Text on its way into a chunk, with the element it is from."""

    text: str
    element: Element
    size: float
    opens_article: bool = False


@dataclass(slots=True)
class _Unit:
    """Pieces that stay together where they fit: an article with its paragraphs, a sentence that
    ends in a colon with its list."""

    pieces: list[_Piece] = field(default_factory=list)

    @property
    def size(self) -> float:
        return sum(piece.size for piece in self.pieces)

    @property
    def place(self) -> tuple[tuple[str, ...], str | None]:
        return _place(self.pieces[0].element)


class StructureChunker:
    """The pipeline's Chunker. `max_units` bounds a chunk (only a single table row may exceed it, up
    to four times); `overlap_units` is repeated between the parts of one long paragraph."""

    def __init__(self, *, max_units: int = 400, overlap_units: int = 40) -> None:
        if not 50 <= max_units <= 8000 or not 0 <= overlap_units <= max_units // 4:
            raise ValueError(f"unusable chunk sizes: {max_units}, {overlap_units}")
        self._max, self._overlap = max_units, overlap_units

    def split(self, source: SourceFile, document: ParsedDocument) -> list[Chunk]:
        """Chunks in reading order. All visible text of the document is in them: headings in the
        `headings` of what follows, or as text where nothing follows."""
        return list(self.stream(source, document.elements, language=document.language))

    def stream(
        self, source: SourceFile, elements: Iterable[Element], *, language: str | None = None
    ) -> Iterator[Chunk]:
        """The same for elements that come one by one: no more is held than the section that is open."""
        index = 0
        for pieces in self._groups(elements):
            text = _text(pieces)
            if text:
                yield _chunk(source, language, index, text, pieces)
                index += 1

    def _groups(self, elements: Iterable[Element]) -> Iterator[list[_Piece]]:
        """Units gathered up to the bound, never over a change of heading or sheet."""
        buffer: list[_Piece] = []
        size = 0.0
        for unit in _units(_bodies(elements)):
            if buffer and self._closes(buffer, size, unit):
                yield buffer
                buffer, size = [], 0.0
            if unit.size <= self._max:
                buffer += unit.pieces
                size += unit.size
                continue
            for piece in (part for whole in unit.pieces for part in self._cut(whole)):
                if buffer and size + piece.size > self._max:
                    yield buffer
                    buffer, size = [], 0.0
                buffer.append(piece)
                size += piece.size
        if buffer:
            yield buffer

    def _closes(self, buffer: list[_Piece], size: float, unit: _Unit) -> bool:
        if _place(buffer[0].element) != unit.place or size + min(unit.size, self._max) > self._max:
            return True
        return unit.pieces[0].opens_article and size >= self._max / 4

    def _cut(self, piece: _Piece) -> Iterator[_Piece]:
        """A piece that is too long on its own, in parts."""
        if piece.size <= self._max:
            yield piece
            return
        if piece.element.kind == "table":
            texts = self._cut_table(piece.text)
        elif piece.element.kind == "code":
            texts = self._cut_lines(piece.text)
        else:
            texts = self._splitter.split_text(piece.text)
        for text in texts:
            yield _Piece(text, piece.element, units(text))

    def _cut_table(self, text: str) -> Iterator[str]:
        """Rows, the header above each part."""
        parts = split_markdown(text)
        if parts is None or units("\n".join(parts[0])) > self._max:
            yield from self._cut_lines(text)
            return
        head, rows = "\n".join(parts[0]), parts[1]
        base = units(head)
        body: list[str] = []
        size = base
        for row in rows:
            weight = units(row)
            if body and size + weight > self._max:
                yield "\n".join([head, *body])
                body, size = [], base
            if weight > 4 * self._max:
                yield from (f"{head}\n{part}" for part in self._splitter.split_text(row))
                continue
            body.append(row)
            size += weight
        if body or not rows:
            yield "\n".join([head, *body])

    def _cut_lines(self, text: str) -> Iterator[str]:
        body: list[str] = []
        size = 0.0
        for line in text.split("\n"):
            weight = units(line)
            if body and size + weight > self._max:
                yield "\n".join(body)
                body, size = [], 0.0
            if weight > self._max:
                yield from self._splitter.split_text(line)
            else:
                body.append(line)
                size += weight
        if body:
            yield "\n".join(body)

    @cached_property
    def _splitter(self) -> Any:
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        return RecursiveCharacterTextSplitter(
            separators=_SEPARATORS,
            keep_separator="end",
            chunk_size=self._max * _FINE,
            chunk_overlap=self._overlap * _FINE,
            length_function=lambda text: math.ceil(units(text) * _FINE),
        )


def _place(element: Element) -> tuple[tuple[str, ...], str | None]:
    return element.headings, element.sheet


def _bodies(elements: Iterable[Element]) -> Iterator[Element]:
    """Elements without the headings that others carry; a heading with nothing below is text."""
    waiting: list[Element] = []
    for element in elements:
        for heading in waiting:
            if heading.text not in element.headings:
                yield heading
        waiting = [
            heading for heading in waiting if heading.text in element.headings and element.kind == "heading"
        ]
        if element.kind == "heading":
            waiting.append(element)
        else:
            yield element
    yield from waiting


def _units(elements: Iterator[Element]) -> Iterator[_Unit]:
    unit = _Unit()
    for element in elements:
        article = element.kind == "paragraph" and outline.article(element.text)
        if unit.pieces and not _continues(unit, element, article=article):
            yield unit
            unit = _Unit()
        unit.pieces.append(_Piece(element.text, element, units(element.text), article))
    if unit.pieces:
        yield unit


def _continues(unit: _Unit, element: Element, *, article: bool) -> bool:
    first, last = unit.pieces[0], unit.pieces[-1]
    if article or _place(element) != unit.place or element.kind in ("table", "code", "heading", "title"):
        return False
    if first.opens_article:
        return True
    return last.text.rstrip()[-1:] in "：:" or (element.kind == "list" and first.text.rstrip()[-1:] in "：:")


def _text(pieces: Sequence[_Piece]) -> str:
    """Pieces under each other; a paragraph that a page break cut in two is joined again."""
    text = ""
    for before, piece in zip([None, *pieces], pieces, strict=False):
        if before is None:
            text = piece.text
        elif before.element is not piece.element and _broken(before, piece):
            text = text[: -len(before.text)] + join_lines([before.text, piece.text])
        else:
            blank = (
                "table" in (before.element.kind, piece.element.kind) and before.element is not piece.element
            )
            text += ("\n\n" if blank else "\n") + piece.text
    return text.strip()


def _broken(before: _Piece, piece: _Piece) -> bool:
    kinds = (before.element.kind, piece.element.kind)
    if kinds != ("paragraph", "paragraph") or before.element.page is None or piece.element.page is None:
        return False
    if before.element.page == piece.element.page or "\n" in before.text or "\n" in piece.text:
        return False
    return (
        bool(_OPEN_END.search(before.text))
        and not outline.starts_block(piece.text)
        and units(before.text) > 30
    )


def _chunk(source: SourceFile, usual: str | None, index: int, text: str, pieces: Sequence[_Piece]) -> Chunk:
    """`usual` is the language of the document, for text that has none of its own (figures)."""
    elements = list(dict.fromkeys(piece.element for piece in pieces))
    pages = [element.page for element in elements if element.page is not None]
    language = detect(text)
    return Chunk(
        id=chunk_id(source.document_id, source.generation, index),
        document_id=source.document_id,
        generation=source.generation,
        index=index,
        title=source.title,
        text=text,
        headings=elements[0].headings,
        page_start=min(pages, default=None),
        page_end=max(pages, default=None),
        boxes=_boxes(elements),
        sheet=elements[0].sheet,
        cells=_cells([element.cells for element in elements if element.cells]),
        language=language if language != "other" else usual,
    )


def _boxes(elements: Sequence[Element]) -> tuple[Box, ...]:
    boxes = dict.fromkeys(element.box for element in elements if element.box is not None)
    return tuple(boxes)[:_MAX_BOXES]


def _cells(ranges: Sequence[str]) -> str | None:
    """The range around several ranges of one sheet."""
    found = [match for match in map(_RANGE.match, ranges) if match]
    if len(set(ranges)) <= 1 or len(found) != len(ranges):
        return ranges[0] if ranges else None

    def column(name: str) -> tuple[int, str]:
        return len(name), name

    left, right = min((m[1] for m in found), key=column), max((m[3] for m in found), key=column)
    return f"{left}{min(int(m[2]) for m in found)}:{right}{max(int(m[4]) for m in found)}"
