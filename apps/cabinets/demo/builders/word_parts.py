"""Parts of a Word document that python-docx has no call for: fields, borders, list restarts."""

from __future__ import annotations

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.shared import RGBColor

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

SYMBOL_BULLET = "\uf0b7"


def add_page_number(paragraph: Any) -> None:
    _field_part(paragraph, "begin")
    _instruction(paragraph, "PAGE")
    _field_part(paragraph, "end")


def add_contents(document: Any, entries: list[str]) -> None:
    """A table of contents without page numbers, already filled, which Word can refresh."""
    for index, entry in enumerate(entries):
        paragraph = document.add_paragraph()
        if index == 0:
            _field_part(paragraph, "begin")
            _instruction(paragraph, r'TOC \o "1-1" \n \h')
            _field_part(paragraph, "separate")
        paragraph.add_run(entry)
        if index == len(entries) - 1:
            _field_part(paragraph, "end")


def underline(paragraph: Any, *, color: RGBColor, eighths: int) -> None:
    """A line below a paragraph; its width in eighths of a point."""
    paragraph._p.get_or_add_pPr().append(
        parse_xml(
            f'<w:pBdr {NAMESPACE}><w:bottom w:val="single" w:sz="{eighths}" w:space="6" w:color="{color}"/></w:pBdr>'
        )
    )


def indent_first_line(paragraph: Any) -> None:
    """Two characters, whatever their size: the unit that Chinese typesetting asks for."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(int(paragraph.style.font.size.pt * 2 * 20)))


def use_plain_bullets(document: Any) -> None:
    """The template's bullets come from the Symbol font, and a PDF's text would hold a private code
    point for each."""
    numbering = document.part.numbering_part.element
    for level in numbering.iter(qn("w:lvl")):
        mark, run_properties = level.find(qn("w:lvlText")), level.find(qn("w:rPr"))
        if mark is not None and mark.get(qn("w:val")) == SYMBOL_BULLET:
            mark.set(qn("w:val"), "•")
            level.remove(run_properties)


def new_numbering(document: Any) -> int:
    """The id of a fresh list that counts from 1 in the look of "List Number"."""
    numbering = document.part.numbering_part.numbering_definitions._numbering
    style_id = document.styles["List Number"].element.pPr.numPr.numId.val
    model = next(num for num in numbering.num_lst if num.numId == style_id)
    number = numbering.add_num(model.abstractNumId.val)
    number.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(number.numId)


def use_numbering(paragraph: Any, number_id: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = number_id


def shade(cell: Any, fill: str) -> None:
    cell._tc.get_or_add_tcPr().append(
        parse_xml(f'<w:shd {NAMESPACE} w:val="clear" w:color="auto" w:fill="{fill}"/>')
    )


def repeat_on_each_page(row: Any) -> None:
    row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {NAMESPACE}/>"))


def keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {NAMESPACE}/>"))


def _field_part(paragraph: Any, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)


def _instruction(paragraph: Any, text: str) -> None:
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = text
    paragraph.add_run()._r.append(instruction)
