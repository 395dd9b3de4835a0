"""PDF files: pages are read with pdfium, then cleaned of headers, ordered and joined to paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing import progress
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line
from apps.rag.parsing.notes import note, ranges
from apps.rag.parsing.pdf import ruled
from apps.rag.parsing.pdf.furniture import without_furniture
from apps.rag.parsing.pdf.lines import Line, read_lines
from apps.rag.parsing.pdf.objects import Drawn, look
from apps.rag.parsing.pdf.order import reading_order
from apps.rag.parsing.pdf.paragraphs import Block, Sizes, blocks, measure
from apps.rag.parsing.tables import markdown
from apps.rag.types import Box, ParsedDocument

MAX_PAGES = 5_000
_SCAN = 0.5  # a picture over this share of the page: invisible type is its recognised text
_METADATA = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Keywords": "keywords",
    "CreationDate": "created",
}


@dataclass(slots=True)
class _Pages:
    lines: list[list[Line]] = field(default_factory=list)
    sizes: list[tuple[float, float]] = field(default_factory=list)
    ruled: list[int] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)  # pages that show something but hold no text
    failed: list[int] = field(default_factory=list)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A pypdfium2 document, closed again whatever happens. Raises ParseError: password, corrupt."""
    import pypdfium2
    import pypdfium2.raw as raw

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        code = "password" if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD else "corrupt"
        raise ParseError(f"pdfium: {error}", code=code) from error
    try:
        yield document
    finally:
        document.close()


def parse_pdf(path: Path) -> ParsedDocument:
    """Raises ParseError: password, corrupt, no_text."""
    builder = Builder()
    with opened(path) as document:
        total = len(document)
        if not total:
            raise ParseError("the file has no pages", code="corrupt")
        if total > MAX_PAGES:
            builder.warn(note("pages_cut", total=total, kept=MAX_PAGES))
        pages = _read(document, min(total, MAX_PAGES))
        if not any(pages.lines):
            raise ParseError(
                "no page has a text layer", code="corrupt" if len(pages.failed) == total else "no_text"
            )
        tables = ruled.find(path, document, pages.ruled)
        metadata = _metadata(document)
    _build(builder, pages, tables)
    for code, numbers in (("no_text_layer", pages.silent), ("page_failed", pages.failed)):
        if numbers:
            builder.warn(note(code, pages=ranges(numbers)))
    return builder.document(page_count=total, page_sizes=pages.sizes, metadata=metadata, empty_code="no_text")


def _read(document: Any, count: int) -> _Pages:
    import pypdfium2

    pages = _Pages()
    for index in range(count):
        lines: list[Line] = []
        size = (0.0, 0.0)
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            pages.failed.append(index + 1)
        else:
            try:
                width, height = page.get_size()
                size = (round(width, 2), round(height, 2))
                lines = _read_page(page, index + 1, pages)
            finally:
                page.close()
        pages.lines.append(lines)
        progress.step(index + 1, count)
        pages.sizes.append(size)
    return pages


def _read_page(page: Any, number: int, pages: _Pages) -> list[Line]:
    drawn = look(page)
    text_page = page.get_textpage()
    try:
        lines = read_lines(page, text_page, skip_invisible=drawn.invisible and drawn.picture < _SCAN)
    finally:
        text_page.close()
    if _is_garbage(lines):
        lines = []
    if not lines and _shows_something(drawn):
        pages.silent.append(number)
    if lines and drawn.ruled and drawn.objects <= ruled.MAX_OBJECTS:
        pages.ruled.append(number)
    return lines


def _shows_something(drawn: Drawn) -> bool:
    return bool(drawn.pictures) or drawn.objects > 20


def _is_garbage(lines: list[Line]) -> bool:
    """A text layer of private or unknown characters, from a font without a Unicode map."""
    text = "".join(line.text for line in lines)
    bad = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in text)
    return bad * 2 > len(text) and bool(text)


def _build(builder: Builder, pages: _Pages, tables: dict[int, list[ruled.Table]]) -> None:
    outside = [
        [line for line in lines if not _in_table(line, tables.get(number, []))]
        for number, lines in enumerate(pages.lines, start=1)
    ]
    body = without_furniture(outside, [height for _, height in pages.sizes])
    sizes = measure(body)
    for number, lines in enumerate(body, start=1):
        _add_page(builder, number, lines, tables.get(number, []), sizes, width=pages.sizes[number - 1][0])


def _in_table(line: Line, tables: list[ruled.Table]) -> bool:
    x = (line.x0 + line.x1) / 2
    return any(
        box[0] <= x <= box[2] and box[1] <= line.middle <= box[3] for box in (table.box for table in tables)
    )


def _add_page(
    builder: Builder, number: int, lines: list[Line], tables: list[ruled.Table], sizes: Sizes, *, width: float
) -> None:
    waiting = list(tables)
    for run in reading_order(lines, width=width):
        for block in blocks(run, sizes):
            while waiting and waiting[0].box[1] < block.box[1] and _above(waiting[0], block):
                _add_table(builder, number, waiting.pop(0))
            _add_block(builder, number, block)
    for table in waiting:
        _add_table(builder, number, table)


def _above(table: ruled.Table, block: Block) -> bool:
    """Tables of one column do not come before the text of another."""
    return table.box[0] < block.box[2] and block.box[0] < table.box[2]


def _add_table(builder: Builder, number: int, table: ruled.Table) -> None:
    x0, y0, x1, y1 = (round(value, 1) for value in table.box)
    builder.add("table", markdown(table.rows), page=number, box=Box(number, x0, y0, x1, y1))


def _add_block(builder: Builder, number: int, block: Block) -> None:
    box = Box(number, *block.box)
    if block.level is not None:
        builder.heading(block.text, level=block.level, page=number, box=box)
    else:
        builder.add("list" if block.is_list else "paragraph", block.text, page=number, box=box)


def _metadata(document: Any) -> dict[str, str]:
    raw = document.get_metadata_dict(skip_empty=True)
    return {name: one_line(raw[key])[:500] for key, name in _METADATA.items() if raw.get(key)}
