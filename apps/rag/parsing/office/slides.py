"""PowerPoint files: a slide is a page; titles, lists, tables, charts, diagrams and notes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.rag.parsing import progress
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line, squeeze
from apps.rag.parsing.notes import note, ranges
from apps.rag.parsing.office.properties import core_properties
from apps.rag.parsing.tables import Rows, cell, is_table, markdown
from apps.rag.parsing.ways import keeps_furniture
from apps.rag.parsing.zipguard import check
from apps.rag.types import Box, ElementKind, ParsedDocument

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_MAX_POINTS = 1_000
_DIAGRAM = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"
_EMU_PER_POINT = 12_700
_FURNITURE = ("SLIDE_NUMBER", "DATE", "FOOTER", "HEADER")
_MAX_SLIDES = 2_000
_MAX_DEPTH = 12
_MAX_TITLE = 150  # characters
_SLOT = 36 * _EMU_PER_POINT  # shapes whose tops differ by less stand in one row, read left to right


def parse_pptx(path: Path) -> ParsedDocument:
    """Pages are slides, counted as PowerPoint does. Raises ParseError: password, zip_bomb, corrupt,
    empty."""
    from pptx import Presentation

    check(path, needs="ppt/presentation.xml")
    deck = Presentation(str(path))
    builder = Builder()
    slides = list(deck.slides)
    if len(slides) > _MAX_SLIDES:
        builder.warn(note("pages_cut", total=len(slides), kept=_MAX_SLIDES))
    hidden = []
    for page, slide in enumerate(slides[:_MAX_SLIDES], start=1):
        if slide._element.get("show") == "0":
            hidden.append(page)
        else:
            _Slide(slide, builder, page).add()
        progress.step(page, min(len(slides), _MAX_SLIDES))
    if hidden:
        builder.warn(note("slide_hidden", pages=ranges(hidden)))
    size = (float((deck.slide_width or 0) / _EMU_PER_POINT), float((deck.slide_height or 0) / _EMU_PER_POINT))
    return builder.document(
        page_count=len(slides),
        page_sizes=[size] * len(slides),
        metadata=core_properties(deck.core_properties),
    )


class _Slide:
    def __init__(self, slide: Any, builder: Builder, page: int) -> None:
        self._slide, self._builder, self._page = slide, builder, page

    def add(self) -> None:
        self._builder.leave_headings()
        title = self._title()
        if title is not None:
            self._builder.heading(
                one_line(title.text_frame.text), level=1, page=self._page, box=self._box(title)
            )
        for shape in _ordered(self._slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                self._shape(shape, depth=0)
        self._diagrams()
        self._notes()

    def _title(self) -> Any | None:
        """The title placeholder, unless somebody wrote the body of the slide into it."""
        title = self._slide.shapes.title
        if title is None or not title.has_text_frame or not title.text_frame.text.strip():
            return None
        return title if len(title.text_frame.text) <= _MAX_TITLE else None

    def _shape(self, shape: Any, *, depth: int) -> None:
        if depth > _MAX_DEPTH:
            return
        if hasattr(shape, "shapes"):
            for inner in _ordered(shape.shapes):
                self._shape(inner, depth=depth + 1)
        elif getattr(shape, "has_table", False):
            self._table(shape)
        elif getattr(shape, "has_chart", False):
            self._chart(shape)
        elif getattr(shape, "has_text_frame", False):
            self._text(shape)

    def _text(self, shape: Any) -> None:
        kind = shape.placeholder_format.type if shape.is_placeholder else None
        if kind is not None and kind.name in _FURNITURE and not keeps_furniture():
            return
        self._frame(shape.text_frame, shape)

    def _frame(self, frame: Any, shape: Any) -> None:
        paragraphs = [(item.level, squeeze(item.text.replace("\v", "\n"))) for item in frame.paragraphs]
        filled = [(level, text) for level, text in paragraphs if text]
        bulleted = len(filled) > 1
        for level, text in filled:
            kind: ElementKind = "list" if bulleted else "paragraph"
            marked = f"{'  ' * level}- {text}" if bulleted and level else text
            self._builder.add(
                kind, marked, page=self._page, box=self._box(shape), level=level + 1 if bulleted else None
            )

    def _table(self, shape: Any) -> None:
        rows = [
            [self._cell(item, first=not index) for item in row.cells]
            for index, row in enumerate(shape.table.rows)
        ]
        if is_table(rows):
            self._builder.add("table", markdown(rows), page=self._page, box=self._box(shape))
            return
        for row in shape.table.rows:  # a frame drawn as a table
            for item in row.cells:
                self._frame(item.text_frame, shape)

    @staticmethod
    def _cell(item: Any, *, first: bool) -> str:
        """A merged value stands in each row it covers, and over each column in the first row."""
        if item.is_spanned:
            row, column = _origin(item)
            if column and not first:
                return ""
            return cell(row)
        return cell(item.text)

    def _chart(self, shape: Any) -> None:
        chart = shape.chart
        if chart.has_title and chart.chart_title.has_text_frame:
            self._builder.add("paragraph", one_line(chart.chart_title.text_frame.text), page=self._page)
        rows = chart_rows(chart._chartSpace)
        if rows:
            self._builder.add("table", markdown(rows), page=self._page, box=self._box(shape))

    def _diagrams(self) -> None:
        """SmartArt keeps its text in a part of its own."""
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        for relation in self._slide.part.rels.values():
            if relation.is_external or relation.reltype != _DIAGRAM:
                continue
            for paragraph in etree.fromstring(relation.target_part.blob, parser).iter(A + "p"):
                text = one_line("".join(node.text or "" for node in paragraph.iter(A + "t")))
                self._builder.add("list", text, page=self._page)

    def _notes(self) -> None:
        if self._slide.has_notes_slide:
            frame = self._slide.notes_slide.notes_text_frame
            if frame is not None:
                self._builder.add("paragraph", squeeze(frame.text), page=self._page)

    def _box(self, shape: Any) -> Box | None:
        """Points on the slide; None for shapes whose place is inherited or inside a group."""
        if None in (
            shape.left,
            shape.top,
            shape.width,
            shape.height,
        ) or shape._element.getparent().tag.endswith("grpSp"):
            return None
        left, top = shape.left / _EMU_PER_POINT, shape.top / _EMU_PER_POINT
        right, bottom = left + shape.width / _EMU_PER_POINT, top + shape.height / _EMU_PER_POINT
        return Box(self._page, round(left, 1), round(top, 1), round(right, 1), round(bottom, 1))


def _ordered(shapes: Any) -> Iterator[Any]:
    """Top to bottom, left to right in a row; shapes without a place of their own come first."""
    return iter(sorted(shapes, key=lambda shape: ((shape.top or 0) // _SLOT, shape.left or 0)))


def _origin(item: Any) -> tuple[str, bool]:
    """The text of the merge a spanned cell belongs to, and whether it lies to the right of it."""
    element = item._tc
    column, sideways = element.col_idx, False
    row = element.row_idx
    table = element.tbl
    while row and table.tc(row, column).vMerge:
        row -= 1
    while column and table.tc(row, column).hMerge:
        column, sideways = column - 1, True
    origin = table.tc(row, column)
    return "".join(node.text or "" for node in origin.iter(A + "t")), sideways


def chart_rows(space: Any) -> Rows:
    """Categories down, series across, read from the XML: python-pptx knows only some plot types."""
    series = list(space.iter(C + "ser"))
    names = [_points(node.find(C + "tx")) for node in series]
    values = [_points(node.find(C + "val")) or _points(node.find(C + "yVal")) for node in series]
    categories: dict[int, str] = {}
    for node in series:
        categories = categories or _points(node.find(C + "cat")) or _points(node.find(C + "xVal"))
    indices = sorted({index for column in (categories, *values) for index in column})[:_MAX_POINTS]
    if not indices:
        return []
    header = ["", *[cell(" ".join(name.values())) for name in names]]
    return [
        header,
        *[[categories.get(index, ""), *[column.get(index, "") for column in values]] for index in indices],
    ]


def _points(node: Any | None) -> dict[int, str]:
    """The cached values below a node by index; a literal name counts as point 0."""
    if node is None:
        return {}
    found = {int(point.get("idx") or 0): cell(point.findtext(C + "v")) for point in node.iter(C + "pt")}
    literal = node.findtext(C + "v")
    return found or ({0: cell(literal)} if literal else {})
