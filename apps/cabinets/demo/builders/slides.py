"""Writes a slide deck: a title slide, then one slide a heading; quotes become speaker notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Length, Pt

from apps.cabinets.demo.builders.package import BUILT, settle
from apps.cabinets.demo.builders.source import Block, Source

FONT = "Noto Sans CJK SC"
_rgb: Any = RGBColor.from_string  # without annotations in python-pptx
GREEN = _rgb("2F6B57")
INK = _rgb("222222")
WHITE = _rgb("FFFFFF")
STRIPES = (WHITE, _rgb("E8EEEA"))
WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
LEFT, CONTENT_WIDTH = Inches(0.9), Inches(11.5)
TITLE_LAYOUT, CONTENT_LAYOUT, TITLE_ONLY_LAYOUT = 0, 1, 5


def write_pptx(source: Source, target: Path) -> None:
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    properties = deck.core_properties
    properties.title, properties.author = source.meta["title"], source.meta["issuer"]
    properties.created = properties.modified = BUILT
    _title_slide(deck, source)
    for number, blocks in enumerate(_slides(source.blocks), start=2):
        _slide(deck, blocks, footer=f"{source.meta['issuer']}    {number}")
    deck.save(str(target))
    settle(target)


def _slides(blocks: list[Block]) -> list[list[Block]]:
    slides: list[list[Block]] = []
    for block in blocks:
        if block.kind == "heading":
            slides.append([])
        slides[-1].append(block)
    return slides


def _title_slide(deck: Any, source: Source) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_LAYOUT])
    _bar(slide, Emu(0), Inches(5.9), WIDTH, Inches(1.6))
    title, subtitle = slide.placeholders[0], slide.placeholders[1]
    _place(title, LEFT, Inches(2.0), CONTENT_WIDTH, Inches(1.3))
    _write(title.text_frame.paragraphs[0], source.meta["title"], size=48, bold=True)
    _place(subtitle, LEFT, Inches(3.4), CONTENT_WIDTH, Inches(1.4))
    lines = (source.meta["subtitle"], f"{source.meta['issuer']} · {source.meta['date']}")
    _paragraphs(subtitle.text_frame, lines, size=22)


def _slide(deck: Any, blocks: list[Block], *, footer: str) -> None:
    heading, *rest = blocks
    bullets = [block.text for block in rest if block.kind == "bullet"]
    tables = [block for block in rest if block.kind == "table"]
    notes = [block.text for block in rest if block.kind == "quote"]
    slide = deck.slides.add_slide(deck.slide_layouts[CONTENT_LAYOUT if bullets else TITLE_ONLY_LAYOUT])
    _bar(slide, Emu(0), Emu(0), Inches(0.35), HEIGHT)
    _place(slide.shapes.title, LEFT, Inches(0.45), CONTENT_WIDTH, Inches(0.95))
    title = slide.shapes.title.text_frame.paragraphs[0]
    title.alignment = PP_ALIGN.LEFT
    _write(title, heading.text, size=34, bold=True)
    top: Length = Inches(1.6)
    for table in tables:
        top = _table(slide, table, top=top)
    if bullets:
        body = slide.placeholders[1]
        _place(body, LEFT, top, CONTENT_WIDTH, Emu(Inches(6.7) - top))
        _paragraphs(body.text_frame, bullets, size=20 if tables else 26)
    _footer(slide, footer)
    if notes:
        slide.notes_slide.notes_text_frame.text = "\n".join(notes)


def _table(slide: Any, block: Block, *, top: Length) -> Length:
    rows, columns = len(block.rows), len(block.rows[0])
    height = Inches(0.55 * rows)
    table = slide.shapes.add_table(rows, columns, LEFT, top, CONTENT_WIDTH, height).table
    for row, cells in enumerate(block.rows):
        for column, text in enumerate(cells):
            cell = table.cell(row, column)
            ink = WHITE if row == 0 else INK
            _write(cell.text_frame.paragraphs[0], text, size=18, bold=row == 0, color=ink)
            cell.fill.solid()
            cell.fill.fore_color.rgb = GREEN if row == 0 else STRIPES[row % 2]
    return Emu(top + height + Inches(0.35))


def _footer(slide: Any, text: str) -> None:
    box = slide.shapes.add_textbox(LEFT, Inches(6.95), CONTENT_WIDTH, Inches(0.35))
    box.text_frame.word_wrap = True
    _write(box.text_frame.paragraphs[0], text, size=11)


def _bar(slide: Any, left: Length, top: Length, width: Length, height: Length) -> None:
    bar = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, left, top, width, height)
    bar.fill.solid()
    bar.fill.fore_color.rgb = GREEN
    bar.line.fill.background()


def _place(shape: Any, left: Length, top: Length, width: Length, height: Length) -> None:
    # The default template's placeholders are laid out for 4:3.
    shape.left, shape.top, shape.width, shape.height = left, top, width, height


def _paragraphs(frame: Any, lines: list[str] | tuple[str, ...], *, size: int) -> None:
    for index, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(8)
        _write(paragraph, line, size=size)


def _write(paragraph: Any, text: str, *, size: int, bold: bool = False, color: RGBColor = INK) -> None:
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
    run.font.color.rgb = color
    east_asian = run._r.get_or_add_rPr().makeelement(qn("a:ea"), {"typeface": FONT})
    run._r.get_or_add_rPr().append(east_asian)
