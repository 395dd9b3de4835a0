"""Writes a Word document from a source: front page or letterhead, then the blocks in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt, RGBColor

from apps.cabinets.demo.builders import word_parts as parts
from apps.cabinets.demo.builders.package import BUILT, settle
from apps.cabinets.demo.builders.source import Block, Source
from apps.cabinets.demo.builders.word_styles import LOOKS, SANS, Look, apply_look, set_font

TEXT_WIDTH_CM = 21 - 2 * 2.7
CELL_SIZE = 10
EM_CM, CELL_PADDING_CM = CELL_SIZE * 2.54 / 72, 0.5
EMS_ASSURED, WIDEST_EMS = 6.0, 30.0  # of a column
ROWS_KEPT_TOGETHER = 10
RED = RGBColor(0xC0, 0x1C, 0x1C)
GREY = RGBColor(0x66, 0x66, 0x66)
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


def write_docx(source: Source, target: Path) -> None:
    document = Document()
    look = LOOKS[source.meta["style"]]
    apply_look(document, look)
    parts.use_plain_bullets(document)
    properties = document.core_properties
    properties.title, properties.author = source.meta["title"], source.meta["issuer"]
    properties.language, properties.comments = source.meta["language"], ""
    properties.created = properties.modified = BUILT
    _header_and_footer(document, source)
    _opening(document, source)
    numbering = 0
    for block in source.blocks:
        if block.kind == "number" and block.first:
            numbering = parts.new_numbering(document)
        _add(document, block, look=look, numbering=numbering)
    document.save(str(target))
    settle(target)


def _header_and_footer(document: Any, source: Source) -> None:
    section = document.sections[0]
    section.different_first_page_header_footer = source.meta["style"] in {"handbook", "notice"}
    header = section.header.paragraphs[0]
    _plain(header, f"{source.meta['issuer']}　{source.meta['title']}", size=9, color=GREY)
    header.alignment = CENTRE
    footer = section.footer.paragraphs[0]
    footer.alignment = CENTRE
    set_font(footer.style, SANS, size=9, color=GREY)
    parts.add_page_number(footer)


def _opening(document: Any, source: Source) -> None:
    style = source.meta["style"]
    if style == "handbook":
        _cover(document, source)
    elif style == "notice":
        _letterhead(document, source)
    else:
        _title(document, source)


def _cover(document: Any, source: Source) -> None:
    meta = source.meta
    document.add_paragraph(meta["title"], style="Title").paragraph_format.space_before = Cm(5)
    _centred(document, meta["subtitle"], size=18).paragraph_format.space_after = Cm(9)
    for line in (meta["issuer"], meta["number"], f"{meta['date']}印发"):
        _centred(document, line, size=14)
    document.add_page_break()
    _centred(document, "目录", size=18)
    parts.add_contents(document, [block.text for block in source.blocks if block.level == 1])
    document.add_page_break()


def _letterhead(document: Any, source: Source) -> None:
    _centred(document, f"{source.meta['issuer']}文件", size=34, color=RED, bold=True)
    number = _centred(document, source.meta["number"], size=15)
    parts.underline(number, color=RED, eighths=16)
    document.add_paragraph(source.meta["display_title"], style="Title")
    document.add_paragraph(source.meta["salutation"])


def _title(document: Any, source: Source) -> None:
    meta = source.meta
    document.add_paragraph(meta["title"], style="Title")
    if "subtitle" in meta:
        _centred(document, meta["subtitle"], size=12, color=GREY)
    separator = " · " if meta["language"] == "en" else "　"
    _centred(document, separator.join((meta["issuer"], meta["number"], meta["date"])), size=11, color=GREY)


def _centred(
    document: Any, text: str, *, size: float, color: RGBColor | None = None, bold: bool = False
) -> Any:
    paragraph = document.add_paragraph()
    paragraph.alignment = CENTRE
    paragraph.paragraph_format.line_spacing = 1.3
    _plain(paragraph, text, size=size, color=color, bold=bold)
    return paragraph


def _plain(
    paragraph: Any, text: str, *, size: float, color: RGBColor | None = None, bold: bool = False
) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold
    if color is not None:
        run.font.color.rgb = color


def _add(document: Any, block: Block, *, look: Look, numbering: int) -> None:
    if block.kind == "heading":
        document.add_heading(block.text, level=block.level)
    elif block.kind == "table":
        _table(document, block)
    elif block.kind == "break":
        document.add_page_break()
    elif block.kind == "caption":
        document.add_paragraph(block.text, style="Caption")
    elif block.kind == "quote":
        document.add_paragraph(block.text).alignment = RIGHT
    else:
        _text(document, block, look=look, numbering=numbering)


def _text(document: Any, block: Block, *, look: Look, numbering: int) -> None:
    style = {"bullet": "List Bullet", "number": "List Number"}.get(block.kind, "Normal")
    paragraph = document.add_paragraph(style=style)
    for run in block.runs:
        added = paragraph.add_run(run.text)
        added.bold, added.italic = run.bold or None, run.italic or None
    # What announces a list or a table stays with it.
    paragraph.paragraph_format.keep_with_next = block.text.endswith(("：", ":"))
    if block.kind == "number":
        parts.use_numbering(paragraph, numbering)
    elif block.kind == "paragraph" and look.indented:
        parts.indent_first_line(paragraph)


def _table(document: Any, block: Block) -> None:
    table = document.add_table(rows=len(block.rows), cols=len(block.rows[0]), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = _column_widths(block)
    for index, (row, texts) in enumerate(zip(table.rows, block.rows, strict=True)):
        parts.keep_whole(row)
        stays = len(block.rows) <= ROWS_KEPT_TOGETHER and index < len(block.rows) - 1
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = Cm(width)
            cell.paragraphs[0].paragraph_format.keep_with_next = stays
            _cell(cell, text, header=index == 0)
    parts.repeat_on_each_page(table.rows[0])
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    document.add_paragraph().paragraph_format.line_spacing = Pt(8)


def _cell(cell: Any, text: str, *, header: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.line_spacing = 1.15
    paragraph.paragraph_format.space_after = Pt(2)
    _plain(paragraph, text, size=CELL_SIZE, bold=header)
    if header:
        parts.shade(cell, "E8EEEA")


def _column_widths(block: Block) -> list[float]:
    """In centimetres: short columns get what they need, long ones share the rest."""
    longest = [max(_ems(text) for text in column) for column in zip(*block.rows, strict=True)]
    needed = [min(ems, EMS_ASSURED) * EM_CM + CELL_PADDING_CM for ems in longest]
    wanted = [max(min(ems, WIDEST_EMS) - EMS_ASSURED, 0.1) for ems in longest]
    rest = TEXT_WIDTH_CM - sum(needed)
    return [least + rest * want / sum(wanted) for least, want in zip(needed, wanted, strict=True)]


def _ems(text: str) -> float:
    return sum(1.0 if east_asian_width(character) in "WF" else 0.55 for character in text)
