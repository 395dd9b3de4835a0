"""Picture files: PNG, JPEG and TIFF, whose frames are pages; all text is recognised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing import progress
from apps.rag.parsing.build import Builder
from apps.rag.parsing.notes import note, ranges
from apps.rag.parsing.ocr import scan
from apps.rag.parsing.ocr.session import Session, session
from apps.rag.parsing.pdf.layout import add_pages
from apps.rag.parsing.pdf.lines import Line
from apps.rag.types import ParsedDocument

MAX_PIXELS = 100_000_000  # of one frame as the file declares it, before anything is decoded
_MAX_FRAMES = 1_000
_FORMATS = ("PNG", "JPEG", "TIFF")  # JPEG stands for what cameras write, too
_RESOLUTIONS = (50, 1200)  # pixels an inch that can be meant
_SCREEN = 96  # where the file says nothing


@dataclass(slots=True)
class _Frames:
    lines: list[list[Line]] = field(default_factory=list)
    sizes: list[tuple[float, float]] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    shrunk: list[int] = field(default_factory=list)


def parse_picture(path: Path) -> ParsedDocument:
    """Pages are frames; boxes and page sizes in points by the file's resolution. Raises ParseError:
    corrupt, zip_bomb (too many pixels), no_text, needs_ocr."""
    ocr = session()
    if not ocr.available:
        raise ParseError("no text recognition is installed", code="no_text")
    ocr.may_read()  # elsewhere, if not here, before anything is decoded
    builder = Builder()
    with opened(path) as picture:
        total = int(getattr(picture, "n_frames", 1))
        if total > _MAX_FRAMES:
            builder.warn(note("pages_cut", total=total, kept=_MAX_FRAMES))
        frames = _Frames()
        for index in range(min(total, _MAX_FRAMES)):
            _read_frame(picture, index, frames, ocr)
            progress.step(index + 1, min(total, _MAX_FRAMES))
    if len(frames.failed) == total:
        raise ParseError("no frame can be decoded", code="corrupt")
    add_pages(builder, frames.lines, frames.sizes, {})
    read = [number for number, lines in enumerate(frames.lines, start=1) if lines]
    for code, numbers in (
        ("recognised", read),
        (ocr.unread, frames.unread),
        ("picture_shrunk", frames.shrunk),
        ("page_failed", frames.failed),
    ):
        if numbers:
            builder.warn(note(code, pages=ranges(numbers)))
    return builder.document(page_count=total, page_sizes=frames.sizes, empty_code="no_text")


@contextmanager
def opened(source: Any) -> Iterator[Any]:
    """A PIL image of one of the formats that are taken, from a path or a file, not yet decoded.
    Raises ParseError: corrupt, zip_bomb."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        picture = Image.open(source, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise ParseError(str(error), code="zip_bomb") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ParseError(f"no picture: {error}", code="corrupt") from error
    try:
        yield picture
    finally:
        picture.close()


def _read_frame(picture: Any, index: int, frames: _Frames, ocr: Session) -> None:
    lines: list[Line] = []
    size = (0.0, 0.0)
    if not ocr.may_read():
        frames.unread.append(index + 1)
    else:
        try:
            picture.seek(index)
            image, scale = upright(picture)
        except ParseError:
            raise
        except (OSError, ValueError, SyntaxError, EOFError):  # what Pillow throws at broken frames
            frames.failed.append(index + 1)
        else:
            size = (round(image.width / scale, 2), round(image.height / scale, 2))
            image, fewer = fitted(image)
            if fewer < 0.5:
                frames.shrunk.append(index + 1)
            lines = scan.page_lines(ocr, image, scale=scale * fewer)
    frames.lines.append(lines)
    frames.sizes.append(size)


def upright(picture: Any) -> tuple[Any, float]:
    """The decoded picture as a camera meant it, on white, and its pixels to a point."""
    from PIL import Image, ImageOps

    if picture.width * picture.height > MAX_PIXELS:
        raise ParseError(f"{picture.width} × {picture.height} pixels", code="zip_bomb")
    scale = resolution(picture) / 72
    image = ImageOps.exif_transpose(picture)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    elif image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = image.point(lambda value: value / 256).convert("L")
    return image.convert("RGB"), scale


def fitted(image: Any) -> tuple[Any, float]:
    """The picture within scan.MAX_PIXELS, and the share of its width that is left."""
    pixels = image.width * image.height
    if pixels <= scan.MAX_PIXELS:
        return image, 1.0
    share = (scan.MAX_PIXELS / pixels) ** 0.5
    smaller = image.resize((max(1, round(image.width * share)), max(1, round(image.height * share))))
    return smaller, share


def resolution(picture: Any) -> float:
    """Pixels an inch: what the file says, where that can be meant."""
    try:
        given = float(picture.info.get("dpi", (0, 0))[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return _SCREEN
    return given if _RESOLUTIONS[0] <= given <= _RESOLUTIONS[1] else _SCREEN
