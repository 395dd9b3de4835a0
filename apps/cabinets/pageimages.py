"""Which documents have pages that can be shown as images, where those are, and how large a page is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from apps.cabinets.models import Document

PDF, OFD = "application/pdf", "application/ofd"
PICTURES = ("image/png", "image/jpeg", "image/tiff")
# OFD pages are drawn as SVG, with the reader's own fonts; the others are rendered here.
ENDINGS: Mapping[str, str] = MappingProxyType({PDF: "png", OFD: "svg", **dict.fromkeys(PICTURES, "png")})


def has_pages(document: Document) -> bool:
    return document.media_type in ENDINGS


def page_url(document: Document, number: int) -> str:
    return f"/api/v1/documents/{document.pk}/pages/{number}.{ENDINGS[document.media_type]}"


def page_png(document: Document, number: int, *, width: int) -> bytes:
    """Raises ParseError; "unsupported" also for a page that is not there."""
    from apps.rag.pages import render_page
    from apps.rag.pictures import render_frame

    render = render_frame if document.media_type in PICTURES else render_page
    return render(document.file_path, number, width=width)


def page_svg(document: Document, number: int) -> bytes:
    """Raises ParseError."""
    from apps.rag.parsing.ofd.drawing import draw_page

    return draw_page(document.file_path, number)


def page_size(document: Document, number: int) -> tuple[float, float]:
    """Width and height in points. Raises ParseError, OSError."""
    from apps.rag import pages, pictures
    from apps.rag.parsing.ofd.drawing import sheet_size

    if document.media_type == OFD:
        return sheet_size(document.file_path, number)
    if document.media_type in PICTURES:
        return pictures.frame_size(document.file_path, number)
    return pages.page_size(document.file_path, number)
