"""Pages of picture files for the document page: upright, at the size that the boxes are measured in."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing.ocr.pictures import opened, resolution, upright

MOST_PIXELS = 60_000_000  # decoded here, in the serving process: 180 MB for a moment
_one_at_a_time = threading.Lock()
_WAIT = 30.0  # seconds
_ORIENTATION, _ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)  # of EXIF


def render_frame(path: Path, page: int, *, width: int) -> bytes:
    """A frame (from 1) as a PNG at most `width` pixels wide, never larger than it is.
    Raises ParseError: corrupt, too_large, "unsupported" for a frame that is not there, "timeout"."""
    with _frame(path, page) as picture:
        image, _scale = upright(picture)
        high = max(1, round(image.height * width / image.width))
        image.thumbnail((width, min(high, 3 * width)))
        stream = io.BytesIO()
        image.save(stream, format="PNG", compress_level=4)
    return stream.getvalue()


def frame_size(path: Path, page: int) -> tuple[float, float]:
    """Width and height in points of a frame (from 1) as it is shown. Raises as `render_frame`."""
    with _frame(path, page) as picture:
        scale = resolution(picture) / 72
        wide, high = picture.size
        if picture.getexif().get(_ORIENTATION) in _ON_ITS_SIDE:
            wide, high = high, wide
        return round(wide / scale, 2), round(high / scale, 2)


@contextmanager
def _frame(path: Path, number: int) -> Iterator[Any]:
    if not _one_at_a_time.acquire(timeout=_WAIT):
        raise ParseError("another picture is still being drawn", code="timeout", retryable=True)
    try:
        with opened(path) as picture:
            try:
                if not 1 <= number <= int(getattr(picture, "n_frames", 1)):
                    raise ParseError(f"no frame {number}", code="unsupported")
                picture.seek(number - 1)
                if picture.width * picture.height > MOST_PIXELS:
                    raise ParseError(f"{picture.width} × {picture.height} pixels", code="too_large")
                yield picture
            except (OSError, ValueError, SyntaxError, EOFError) as error:
                raise ParseError(f"frame {number}: {error}", code="corrupt") from error
    finally:
        _one_at_a_time.release()
