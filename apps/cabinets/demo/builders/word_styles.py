"""Styles of the Word documents: page, fonts and headings, by the kind of document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
INK = RGBColor(0x22, 0x22, 0x22)


@dataclass(frozen=True, slots=True)
class Look:
    """Sizes and spacing in points; `heading_sizes` by level, from 1."""

    body_size: float
    line_spacing: float
    heading_sizes: tuple[float, float, float]
    title_size: float
    centred_headings: bool = False
    indented: bool = True


LOOKS = {
    "handbook": Look(12, 25, (18, 14, 12), 36),
    "rules": Look(12, 23, (15, 13, 12), 22, centred_headings=True),
    "notice": Look(15, 28, (15, 15, 15), 20),
    "minutes": Look(12, 24, (14, 12, 12), 20),
    "policy": Look(11, 17, (15, 12, 11), 24, indented=False),
}


def apply_look(document: Any, look: Look) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2.8)
    section.left_margin = section.right_margin = Cm(2.7)
    _style_body(document, look)
    for level, size in enumerate(look.heading_sizes, start=1):
        _style_heading(document.styles[f"Heading {level}"], look, level=level, size=size)
    for name in ("List Bullet", "List Number"):
        set_font(document.styles[name], SERIF, size=look.body_size)
        document.styles[name].paragraph_format.space_after = Pt(2)
    caption = document.styles["Caption"]
    set_font(caption, SANS, size=10, bold=True)
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.space_before = Pt(8)
    caption.paragraph_format.space_after = Pt(4)
    caption.paragraph_format.keep_with_next = True
    _style_title(document.styles["Title"], look)


def set_font(style: Any, name: str, *, size: float, bold: bool = False, color: RGBColor = INK) -> None:
    font = style.font
    font.name, font.size, font.bold, font.italic = name, Pt(size), bold, False
    font.color.rgb = color
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)
    # Theme fonts of the template would win over the names.
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{attribute}"), None)


def _style_body(document: Any, look: Look) -> None:
    normal = document.styles["Normal"]
    set_font(normal, SERIF, size=look.body_size)
    normal.paragraph_format.line_spacing = Pt(look.line_spacing)
    normal.paragraph_format.space_after = Pt(4 if look.indented else 7)


def _style_heading(style: Any, look: Look, *, level: int, size: float) -> None:
    set_font(style, SANS, size=size, bold=True)
    layout = style.paragraph_format
    layout.line_spacing = 1.25
    layout.space_before, layout.space_after = Pt(20 - 4 * level), Pt(8)
    layout.keep_with_next = True
    if look.centred_headings and level == 1:
        layout.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _style_title(style: Any, look: Look) -> None:
    set_font(style, SANS, size=look.title_size, bold=True)
    layout = style.paragraph_format
    layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
    layout.line_spacing = 1.3
    layout.space_before, layout.space_after = Pt(6), Pt(12)
    borders = style.element.pPr.find(qn("w:pBdr"))
    if borders is not None:
        style.element.pPr.remove(borders)
