"""A form as a sheet to print: a title and a ruled table, two short fields side by side, room to write in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apps.core.word import word_bytes
from apps.office.forms.fields import Form, FormField
from apps.office.layout.measures import (
    FANGSONG,
    HEITI,
    LATIN,
    LEFT_MM,
    PAGE_MM,
    RIGHT_MM,
    XIAOBIAOSONG,
    mm,
    twips,
    width_of,
)
from apps.office.layout.writing import element, in_order, paragraph, run

LABEL_MM, VALUE_MM = 32.0, 46.0
SIZE, LINE = 12.0, 20.0
WIDE = {"Textarea", "Table", "File", "DateRange", "Location", "RelatedApproval", "Tips"}
EMPTY_ROWS = 4
RULES = ("top", "left", "bottom", "right", "insideH", "insideV")
SHORT_PT = 14 * SIZE  # what the options of a field beside another may take


@dataclass(frozen=True, slots=True)
class Look:
    """Faces, and what stands where a date, an option, a hint or a note goes, in the language of the form."""

    title: str
    label: str
    text: str
    date: str
    until: str
    gap: str
    hint: str
    note: str


CHINESE = Look(XIAOBIAOSONG, HEITI, FANGSONG, "　　　　年　　月　　日", " 至 ", "　", "（%s）", "注：%s")
ENGLISH = Look(LATIN, LATIN, LATIN, "Y _____ M ___ D ___", " to ", "   ", "(%s)", "Note: %s")


def look_of(form: Form) -> Look:
    """Chinese as soon as one of its titles is."""
    titles = [form.title, *(one.title for one in form.fields)]
    return CHINESE if re.search("[\u3400-\u9fff]", "".join(titles)) else ENGLISH


def sheet_file(form: Form) -> bytes:
    """The bytes of a .docx."""
    from docx import Document
    from docx.shared import Mm

    document, look = Document(), look_of(form)
    page = document.sections[0]
    page.page_width, page.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    page.top_margin = page.bottom_margin = Mm(25)
    page.left_margin, page.right_margin = Mm(LEFT_MM), Mm(RIGHT_MM)
    heading = paragraph(document, align="center", line=36, after=12)
    run(heading, form.title, font=look.title, size=22, tighter=0)
    document.core_properties.title = form.title
    document.core_properties.language = "zh-CN" if look is CHINESE else "en-GB"
    _table(document, form, look)
    for one in form.fields:
        if one.control == "Tips":
            _text(document, look.note % one.title, look, before=6)
            if one.hint:
                _text(document, look.hint % one.hint, look)
    in_order(document.element)
    return word_bytes(document)


def _table(document: Any, form: Form, look: Look) -> None:
    rows = _rows([one for one in form.fields if one.control != "Tips"])
    if not rows:
        return
    table = document.add_table(rows=0, cols=4)
    _ruled(table, [LABEL_MM, VALUE_MM, LABEL_MM, VALUE_MM])
    for row in rows:
        cells = table.add_row().cells
        if len(row) == 2:
            for place, one in enumerate(row):
                _label(cells[2 * place], one, look)
                _room(cells[2 * place + 1], one, look)
        elif row[0].control == "Table":
            _label(cells[0].merge(cells[3]), row[0], look)
            cell = table.add_row().cells
            _inner(cell[0].merge(cell[3]), row[0], look)
        else:
            _label(cells[0], row[0], look)
            _room(cells[1].merge(cells[3]), row[0], look)


def _rows(fields: list[FormField]) -> list[list[FormField]]:
    """Short fields in pairs, long ones alone."""
    rows: list[list[FormField]] = []
    for one in fields:
        if rows and len(rows[-1]) == 1 and _short(one) and _short(rows[-1][0]):
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows


def _short(field: FormField) -> bool:
    return field.control not in WIDE and width_of("".join(field.options), em=SIZE, tighter=0) <= SHORT_PT


def _label(cell: Any, field: FormField, look: Look) -> None:
    _cell(cell, f"{field.title}{' *' if field.required else ''}", font=look.label, align="center")


def _room(cell: Any, field: FormField, look: Look) -> None:
    """What stands where the answer is written."""
    texts = {
        "Selector": look.gap.join(f"□{option}" for option in field.options),
        "Date": look.date,
        "DateRange": look.date + look.until + look.date,
        "Money": "¥",
    }
    _cell(cell, texts.get(field.control) or (look.hint % field.hint if field.hint else ""), font=look.text)
    if field.control == "Textarea":
        for _line in range(3):
            _text(cell, "", look)


def _inner(cell: Any, field: FormField, look: Look) -> None:
    """The table of a Table field, with empty rows to write in."""
    columns = field.columns
    if not columns:
        return _cell(cell, "", font=look.text)
    inner = cell.add_table(rows=EMPTY_ROWS + 1, cols=len(columns))
    _ruled(inner, [(PAGE_MM[0] - LEFT_MM - RIGHT_MM - 4) / len(columns)] * len(columns))
    for place, one in enumerate(columns):
        _cell(inner.cell(0, place), one.title, font=look.label, align="center")
        for row in range(1, EMPTY_ROWS + 1):
            _cell(inner.cell(row, place), "", font=look.text)
    first = cell.paragraphs[0]._p
    first.getparent().remove(first)
    _text(cell, "", look, line=4)
    return None


def _cell(cell: Any, text: str, *, font: str, align: str = "left") -> None:
    old = [one._p for one in cell.paragraphs]
    made = paragraph(cell, align=align, line=LINE, before=4, after=4)
    run(made, text, font=font, size=SIZE, tighter=0)
    for one in old:
        one.getparent().remove(one)


def _text(place: Any, text: str, look: Look, *, line: float = LINE, before: float = 0) -> None:
    run(paragraph(place, align="left", line=line, before=before), text, font=look.text, size=SIZE, tighter=0)


def _ruled(table: Any, widths: list[float]) -> None:
    look = table._tbl.tblPr
    for old in list(look):
        look.remove(old)
    look.append(element("tblW", w=twips(mm(sum(widths))), type="dxa"))
    borders = element("tblBorders")
    for side in RULES:
        borders.append(element(side, val="single", sz=4, space=0, color="000000"))
    look.append(borders)
    look.append(element("tblLayout", type="fixed"))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = round(width * 36000)
