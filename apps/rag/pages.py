"""Pictures of PDF pages for the document page. Boxes are drawn over them by the browser."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing.pdf.document import opened

MIN_WIDTH, MAX_WIDTH = 100, 2400  # pixels
_MAX_PIXELS = 12_000_000
# pdfium is not thread-safe: one call at a time in a process, from opening to closing.
_pdfium = threading.Lock()
_LOCK_TIMEOUT = 30.0  # seconds


def render_page(path: Path, page: int, *, width: int = 1200) -> bytes:
    """The page (from 1) as a PNG of about `width` pixels; narrower where it would grow too high.
    Raises ParseError: password, corrupt, "unsupported" for a page that is not there, "timeout"."""
    wanted = min(max(width, MIN_WIDTH), MAX_WIDTH)
    with _page(path, page) as found:
        points_wide, points_high = found.get_size()
        scale = wanted / points_wide
        pixels = points_wide * points_high * scale * scale
        if pixels > _MAX_PIXELS:
            scale *= (_MAX_PIXELS / pixels) ** 0.5
        bitmap = found.render(scale=scale, may_draw_forms=False)
        try:
            image = bitmap.to_pil().copy()
        finally:
            bitmap.close()
    stream = io.BytesIO()
    image.convert("RGB").save(stream, format="PNG", compress_level=4)
    return stream.getvalue()


def page_size(path: Path, page: int) -> tuple[float, float]:
    """Width and height in points of a page (from 1) as shown. Raises as `render_page`."""
    with _page(path, page) as found:
        width, height = found.get_size()
        return float(width), float(height)


@contextmanager
def _page(path: Path, number: int) -> Iterator[Any]:
    if not _pdfium.acquire(timeout=_LOCK_TIMEOUT):
        raise ParseError("another page is still being drawn", code="timeout", retryable=True)
    try:
        import pypdfium2

        with opened(path) as document:
            if not 1 <= number <= len(document):
                raise ParseError(f"no page {number}", code="unsupported")
            try:
                page = document[number - 1]
            except pypdfium2.PdfiumError as error:
                raise ParseError(f"page {number}: {error}", code="corrupt") from error
            try:
                if min(page.get_size()) <= 0:
                    raise ParseError(f"page {number} has no size", code="corrupt")
                yield page
            finally:
                page.close()
    finally:
        _pdfium.release()
