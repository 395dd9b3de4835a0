"""Small real files for the parser tests, made with the libraries that offices use."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from apps.rag.parsing.sniff import media_type_for
from apps.rag.types import Element, ParsedDocument, SourceFile


def source(path: Path, media_type: str | None = None) -> SourceFile:
    return SourceFile(
        document_id=uuid.UUID(int=7),
        generation=1,
        cabinet_id=uuid.UUID(int=8),
        folder_id=uuid.UUID(int=9),
        title=path.stem,
        path=path,
        media_type=media_type or media_type_for(path.name, path.read_bytes()[:8192]),
    )


def texts(document: ParsedDocument, kind: str | None = None) -> list[str]:
    return [element.text for element in document.elements if kind in (None, element.kind)]


def find(document: ParsedDocument, part: str) -> Element:
    """The first element whose text holds `part`."""
    return next(element for element in document.elements if part in element.text)


class Pdf:
    """A PDF drawn line by line with reportlab; y counts from the top of an A4 page."""

    WIDTH, HEIGHT = 595.0, 842.0

    def __init__(self, path: Path, **options: object) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        self.canvas = Canvas(str(path), pagesize=(self.WIDTH, self.HEIGHT), **options)

    def line(
        self, text: str, *, x: float = 72, y: float, size: float = 11, font: str = "STSong-Light"
    ) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.HEIGHT - y, text)

    def lines(
        self, texts: Sequence[str], *, x: float = 72, y: float, size: float = 11, font: str = "Helvetica"
    ) -> None:
        for index, text in enumerate(texts):
            self.line(text, x=x, y=y + index * size * 1.3, size=size, font=font)

    def grid(
        self, rows: Sequence[Sequence[str]], *, x: float, y: float, width: float = 100, height: float = 24
    ) -> None:
        columns = len(rows[0])
        for index in range(len(rows) + 1):
            self.canvas.line(
                x, self.HEIGHT - y - index * height, x + columns * width, self.HEIGHT - y - index * height
            )
        for index in range(columns + 1):
            self.canvas.line(
                x + index * width, self.HEIGHT - y, x + index * width, self.HEIGHT - y - len(rows) * height
            )
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                self.line(value, x=x + column * width + 4, y=y + (row + 0.7) * height, size=10)

    def page(self) -> None:
        self.canvas.showPage()

    def save(self) -> None:
        self.canvas.save()
