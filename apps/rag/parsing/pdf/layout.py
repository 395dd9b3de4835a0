"""Lines with places to elements: page furniture out, columns in order, paragraphs, headings, tables.
Serves every format with fixed pages: PDF, OFD, recognised pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from apps.rag.parsing.build import Builder
from apps.rag.parsing.pdf.furniture import Furniture
from apps.rag.parsing.pdf.lines import Line
from apps.rag.parsing.pdf.order import reading_order
from apps.rag.parsing.pdf.paragraphs import Block, Sizes, blocks, measure
from apps.rag.parsing.pdf.ruled import Table
from apps.rag.parsing.pdf.spill import PageLines
from apps.rag.parsing.tables import markdown
from apps.rag.parsing.ways import keeps_furniture
from apps.rag.types import Box

Pages = PageLines | Sequence[list[Line]]


def add_pages(
    builder: Builder,
    pages: Pages,
    page_sizes: Sequence[tuple[float, float]],
    tables: Mapping[int, list[Table]],
) -> None:
    """Add the pages' lines and tables (by page number from 1) as elements; sizes in points. The pages are gone
    through three times, a page at a time."""
    kept = keeps_furniture()
    heights = [height for _, height in page_sizes]
    furniture = Furniture(_outside(pages, tables), heights)

    def bodies() -> Iterator[list[Line]]:
        for lines, height in zip(_outside(pages, tables), heights, strict=True):
            yield lines if kept else furniture.body(lines, height)

    sizes = measure(bodies())
    for number, lines in enumerate(bodies(), start=1):
        _add_page(builder, number, lines, tables.get(number, []), sizes, width=page_sizes[number - 1][0])


def _outside(pages: Pages, tables: Mapping[int, list[Table]]) -> Iterator[list[Line]]:
    for number, lines in enumerate(pages, start=1):
        found = tables.get(number, [])
        yield [line for line in lines if not _in_table(line, found)] if found else list(lines)


def _in_table(line: Line, tables: list[Table]) -> bool:
    x = (line.x0 + line.x1) / 2
    return any(
        box[0] <= x <= box[2] and box[1] <= line.middle <= box[3] for box in (table.box for table in tables)
    )


def _add_page(
    builder: Builder, number: int, lines: list[Line], tables: list[Table], sizes: Sizes, *, width: float
) -> None:
    waiting = list(tables)
    for run in reading_order(lines, width=width):
        for block in blocks(run, sizes):
            while waiting and waiting[0].box[1] < block.box[1] and _above(waiting[0], block):
                _add_table(builder, number, waiting.pop(0))
            _add_block(builder, number, block)
    for table in waiting:
        _add_table(builder, number, table)


def _above(table: Table, block: Block) -> bool:
    """Tables of one column do not come before the text of another."""
    return table.box[0] < block.box[2] and block.box[0] < table.box[2]


def _add_table(builder: Builder, number: int, table: Table) -> None:
    x0, y0, x1, y1 = (round(value, 1) for value in table.box)
    builder.add("table", markdown(table.rows), page=number, box=Box(number, x0, y0, x1, y1))


def _add_block(builder: Builder, number: int, block: Block) -> None:
    box = Box(number, *block.box)
    if block.level is not None:
        builder.heading(block.text, level=block.level, page=number, box=box)
    else:
        builder.add("list" if block.is_list else "paragraph", block.text, page=number, box=box)
