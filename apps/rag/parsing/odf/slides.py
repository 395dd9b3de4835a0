"""OpenDocument presentations: a slide is a page; titles, lists, tables and notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apps.rag.parsing import progress
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line, squeeze
from apps.rag.parsing.notes import note, ranges
from apps.rag.parsing.odf.package import (
    DRAW,
    FO,
    PRESENTATION,
    STYLE,
    SVG,
    TABLE,
    TEXT,
    Package,
    all_text,
    load,
    paragraph_text,
    points,
)
from apps.rag.parsing.odf.tables import rows_of
from apps.rag.parsing.tables import is_table, markdown
from apps.rag.parsing.ways import keeps_furniture
from apps.rag.types import Box, ElementKind, ParsedDocument

_MAX_SLIDES = 2_000
_MAX_TITLE = 150
_MAX_DEPTH = 12
_SLOT = 36.0  # points; shapes whose tops differ by less stand in one row, read left to right
_FURNITURE = ("header", "footer", "date-time", "page-number")


def parse_odp(path: Path) -> ParsedDocument:
    """Pages are slides. Raises ParseError: password, zip_bomb, corrupt, empty."""
    package = load(path)
    builder = Builder()
    slides = package.body("presentation").findall(DRAW + "page")
    if len(slides) > _MAX_SLIDES:
        builder.warn(note("pages_cut", total=len(slides), kept=_MAX_SLIDES))
    unseen, hidden = _hidden_styles(package.content), []
    for number, slide in enumerate(slides[:_MAX_SLIDES], start=1):
        if slide.get(DRAW + "style-name") in unseen:
            hidden.append(number)
        else:
            _Slide(slide, builder, number).add()
        progress.step(number, min(len(slides), _MAX_SLIDES))
    if hidden:
        builder.warn(note("slide_hidden", pages=ranges(hidden)))
    size = _page_size(package)
    return builder.document(
        page_count=len(slides),
        page_sizes=[size] * len(slides) if size else (),
        metadata=package.metadata,
    )


class _Slide:
    def __init__(self, slide: Any, builder: Builder, page: int) -> None:
        self._slide, self._builder, self._page = slide, builder, page

    def add(self) -> None:
        self._builder.leave_headings()
        shapes = [shape for shape in self._slide if shape.tag != PRESENTATION + "notes"]
        title = next((shape for shape in shapes if _is_title(shape)), None)
        if title is not None:
            self._builder.heading(one_line(all_text(title)), level=1, page=self._page, box=self._box(title))
        for shape in sorted(shapes, key=_place):
            left_out = shape.get(PRESENTATION + "class") in _FURNITURE and not keeps_furniture()
            if shape is not title and not left_out:
                self._shape(shape, depth=0)
        for notes in self._slide.iterchildren(PRESENTATION + "notes"):
            texts = [all_text(item) for item in notes if item.get(PRESENTATION + "class") == "notes"]
            self._builder.add("paragraph", squeeze("\n".join(texts)), page=self._page)

    def _shape(self, shape: Any, *, depth: int) -> None:
        table = shape.find(TABLE + "table")
        if shape.tag == DRAW + "g" and depth < _MAX_DEPTH:
            for inner in sorted(shape, key=_place):
                self._shape(inner, depth=depth + 1)
        elif table is not None and is_table(rows_of(table)):
            self._builder.add("table", markdown(rows_of(table)), page=self._page, box=self._box(shape))
        else:
            self._paragraphs(shape)

    def _paragraphs(self, shape: Any) -> None:
        found = [
            (sum(1 for _ in node.iterancestors(TEXT + "list")), squeeze(paragraph_text(node)))
            for node in shape.iter(TEXT + "p", TEXT + "h")
        ]
        filled = [(level, text) for level, text in found if text]
        bulleted = len(filled) > 1
        for level, text in filled:
            kind: ElementKind = "list" if bulleted else "paragraph"
            marked = f"{'  ' * (level - 1)}- {text}" if bulleted and level > 1 else text
            self._builder.add(
                kind, marked, page=self._page, box=self._box(shape), level=max(level, 1) if bulleted else None
            )

    def _box(self, shape: Any) -> Box | None:
        """Points on the slide; None where the place is inherited."""
        left, top = points(shape.get(SVG + "x")), points(shape.get(SVG + "y"))
        width, height = points(shape.get(SVG + "width")), points(shape.get(SVG + "height"))
        if left is None or top is None or width is None or height is None:
            return None
        return Box(self._page, round(left, 1), round(top, 1), round(left + width, 1), round(top + height, 1))


def _is_title(shape: Any) -> bool:
    text = one_line(all_text(shape)) if shape.get(PRESENTATION + "class") == "title" else ""
    return 0 < len(text) <= _MAX_TITLE


def _place(shape: Any) -> tuple[float, float]:
    return (points(shape.get(SVG + "y")) or 0.0) // _SLOT, points(shape.get(SVG + "x")) or 0.0


def _hidden_styles(content: Any) -> set[str]:
    return {
        style.get(STYLE + "name") or ""
        for style in content.iter(STYLE + "style")
        for properties in style.iterchildren(STYLE + "drawing-page-properties")
        if properties.get(PRESENTATION + "visibility") == "hidden"
    }


def _page_size(package: Package) -> tuple[float, float] | None:
    if package.styles is None:
        return None
    for layout in package.styles.iter(STYLE + "page-layout-properties"):
        width, height = points(layout.get(FO + "page-width")), points(layout.get(FO + "page-height"))
        if width and height and width > height:  # the first upright layout is that of printed notes
            return round(width, 1), round(height, 1)
    return None
