"""The pages of a document as figures: an image that the browser fetches when it comes near, and its boxes."""

from __future__ import annotations

from dataclasses import dataclass

from apps.cabinets.models import Chunk, Document
from apps.cabinets.pageimages import page_url
from apps.rag.types import ParsedDocument

WINDOW = 300
BEFORE = 20
A4 = (595.0, 842.0)


@dataclass(frozen=True, slots=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page; width and height in points, as are its rectangles (origin top left)."""

    number: int
    image: str  # its address
    width: float
    height: float
    boxes: list[Rectangle]


@dataclass(frozen=True, slots=True)
class Sheets:
    items: list[Sheet]
    total: int
    earlier: int | None  # the page where the window before begins
    later: int | None


def sheets_window(
    document: Document, content: ParsedDocument | None, *, first: int = 1, chunk: Chunk | None = None
) -> Sheets:
    """Pages from `first` on. A document that was not read yet shows its first page alone."""
    total = (content.page_count if content is not None else document.page_count) or 1
    first = max(1, min(first, total))
    last = min(total, first + WINDOW - 1)
    sizes = content.page_sizes if content is not None else ()
    items = [_sheet(document, number, sizes, chunk) for number in range(first, last + 1)]
    return Sheets(
        items=items,
        total=total,
        earlier=max(1, first - WINDOW) if first > 1 else None,
        later=last + 1 if last < total else None,
    )


def window_start(page: int) -> int:
    """Where the window that shows this page begins; most documents fit into the first."""
    return 1 if page <= WINDOW else page - BEFORE


def _sheet(
    document: Document, number: int, sizes: tuple[tuple[float, float], ...], chunk: Chunk | None
) -> Sheet:
    width, height = sizes[number - 1] if number <= len(sizes) else A4
    boxes = chunk.boxes if chunk is not None else []
    return Sheet(
        number=number,
        image=page_url(document, number),
        width=round(width, 1),
        height=round(height, 1),
        boxes=[Rectangle(x0, y0, x1 - x0, y1 - y0) for page, x0, y0, x1, y1 in boxes if int(page) == number],
    )
