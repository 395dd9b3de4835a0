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
from apps.rag.parsing.mojibake import is_mojibake
from apps.rag.parsing.notes import note, ranges
from apps.rag.parsing.ocr import scan
from apps.rag.parsing.ocr.session import Session, session
from apps.rag.parsing.pdf import ruled
from apps.rag.parsing.pdf.layout import add_pages
from apps.rag.parsing.pdf.lines import Line, read_lines
from apps.rag.parsing.pdf.objects import Drawn, look
from apps.rag.parsing.pdf.spill import PageLines
from apps.rag.types import ParsedDocument

MAX_PAGES = 5_000
_REOPENED = 250  # pages
_TABLES_AT_ONCE = 20  # ruled pages, some 30 ms each
_STAMP = 40  # characters; a page of a picture with fewer is read as a picture
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
    lines: PageLines
    sizes: list[tuple[float, float]] = field(default_factory=list)
    ruled: list[int] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)  # pages that show something but hold no text
    recognised: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)  # left out, since the budget was used up
    failed: list[int] = field(default_factory=list)
    ocr: Session = field(default_factory=session)


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
    return add_pdf(path, Builder())


def add_pdf(path: Path, builder: Builder) -> ParsedDocument:
    """As `parse_pdf`; however long the file is, its lines are on the disk and not held."""
    with PageLines() as lines:
        pages = _Pages(lines)
        with opened(path) as document:
            total = len(document)
            metadata = _metadata(document)
        if not total:
            raise ParseError("the file has no pages", code="corrupt")
        if total > MAX_PAGES:
            builder.warn(note("pages_cut", total=total, kept=MAX_PAGES))
        _read(path, min(total, MAX_PAGES), pages)
        if not lines.filled:
            raise ParseError("no page has text", code="corrupt" if len(pages.failed) == total else "no_text")
        add_pages(builder, lines, pages.sizes, _tables(path, pages))
    _warn(builder, pages)
    return builder.document(page_count=total, page_sizes=pages.sizes, metadata=metadata, empty_code="no_text")


def _tables(path: Path, pages: _Pages) -> dict[int, list[ruled.Table]]:
    """A first look reads few ruled pages; the others are text until the second."""
    if pages.ocr.basic and len(pages.ruled) > _TABLES_AT_ONCE:
        pages.ocr.put_off += len(pages.ruled)
        return {}
    with opened(path) as document:
        return ruled.find(path, document, pages.ruled)


def _read(path: Path, count: int, pages: _Pages) -> None:
    """All pages, the file opened anew from time to time: pdfium keeps what it has read."""
    for start in range(0, count, _REOPENED):
        with opened(path) as document:
            for index in range(start, min(count, start + _REOPENED)):
                _read_one(document, index, pages)
                progress.step(index + 1, count)


def _read_one(document: Any, index: int, pages: _Pages) -> None:
    import pypdfium2

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
    pages.sizes.append(size)


def _read_page(page: Any, number: int, pages: _Pages) -> list[Line]:
    drawn = look(page)
    text_page = page.get_textpage()
    try:
        lines = read_lines(page, text_page, skip_invisible=drawn.invisible and drawn.picture < _SCAN)
    finally:
        text_page.close()
    if _is_garbage(lines):
        return _recognise(page, number, pages)
    if _shows_something(drawn) and (not lines or _is_stamp(lines, drawn)):
        return _recognise(page, number, pages) or lines
    if lines and drawn.ruled and drawn.objects <= ruled.MAX_OBJECTS:
        pages.ruled.append(number)
    return lines


def _shows_something(drawn: Drawn) -> bool:
    return bool(drawn.pictures) or drawn.objects > 20


def _is_stamp(lines: list[Line], drawn: Drawn) -> bool:
    """A scan on which a program printed a line or two: a page number, its own name."""
    return drawn.picture > _SCAN and sum(len(line.text) for line in lines) < _STAMP


def _is_garbage(lines: list[Line]) -> bool:
    """A text layer from a font whose Unicode map is missing or wrong."""
    return is_mojibake("".join(line.text for line in lines))


def _recognise(page: Any, number: int, pages: _Pages) -> list[Line]:
    """The lines of a page as it looks; none, and noted so, where that cannot be done."""
    if not pages.ocr.available:
        pages.silent.append(number)
        return []
    if not pages.ocr.may_read():
        pages.unread.append(number)
        return []
    width, height = page.get_size()
    scale = min(scan.DPI / 72, (scan.MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    bitmap = page.render(scale=scale, may_draw_forms=False)
    try:
        image = bitmap.to_pil().convert("RGB")
    finally:
        bitmap.close()
    lines = scan.page_lines(pages.ocr, image, scale=scale)
    if lines:
        pages.recognised.append(number)
    return lines


def _warn(builder: Builder, pages: _Pages) -> None:
    for code, numbers in (
        ("recognised", pages.recognised),
        (pages.ocr.unread, pages.unread),
        ("no_text_layer", pages.silent),
        ("page_failed", pages.failed),
    ):
        if numbers:
            builder.warn(note(code, pages=ranges(numbers)))


def _metadata(document: Any) -> dict[str, str]:
    raw = document.get_metadata_dict(skip_empty=True)
    return {name: one_line(raw[key])[:500] for key, name in _METADATA.items() if raw.get(key)}
