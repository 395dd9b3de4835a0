"""A form as a sheet to print: a title and a ruled table, two short fields side by side, room to write in."""

from __future__ import annotations

from typing import Any

from apps.office.forms.fields import Form, FormField
from apps.office.layout.measures import FANGSONG, HEITI, LEFT_MM, PAGE_MM, RIGHT_MM, XIAOBIAOSONG, mm, twips
from apps.office.layout.word import saved
from apps.office.layout.writing import element, in_order, paragraph, run

LABEL_MM, VALUE_MM = 32.0, 46.0
SIZE, LINE = 12.0, 20.0
WIDE = {"Textarea", "Table", "File", "DateRange", "Location", "RelatedApproval", "Tips"}
EMPTY_ROWS = 4
RULES = ("top", "left", "bottom", "right", "insideH", "insideV")


def sheet_file(form: Form) -> bytes:
    """The bytes of a .docx."""
    from docx import Document
    from docx.shared import Mm

    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    page.top_margin = page.bottom_margin = Mm(25)
    page.left_margin, page.right_margin = Mm(LEFT_MM), Mm(RIGHT_MM)
    heading = paragraph(document, align="center", line=36, after=12)
    run(heading, form.title, font=XIAOBIAOSONG, size=22, tighter=0)
    document.core_properties.title = form.title
    _table(document, form)
    for one in form.fields:
        if one.control == "Tips":
            _text(document, f"注：{one.title}{'：' + one.hint if one.hint else ''}", before=6)
    in_order(document.element)
    return saved(document)


def _table(document: Any, form: Form) -> None:
    rows = _rows([one for one in form.fields if one.control != "Tips"])
    if not rows:
        return
    table = document.add_table(rows=0, cols=4)
    _ruled(table, [LABEL_MM, VALUE_MM, LABEL_MM, VALUE_MM])
    for row in rows:
        cells = table.add_row().cells
        if len(row) == 2:
            for place, one in enumerate(row):
                _label(cells[2 * place], one)
                _room(cells[2 * place + 1], one)
        elif row[0].control == "Table":
            _label(cells[0].merge(cells[3]), row[0])
            cell = table.add_row().cells
            _inner(cell[0].merge(cell[3]), row[0])
        else:
            _label(cells[0], row[0])
            _room(cells[1].merge(cells[3]), row[0])


def _rows(fields: list[FormField]) -> list[list[FormField]]:
    """Short fields in pairs, long ones alone."""
    rows: list[list[FormField]] = []
    for one in fields:
        short = one.control not in WIDE and len("".join(one.options)) <= 14
        pair = rows and len(rows[-1]) == 1 and rows[-1][0].control not in WIDE
        if short and pair and len("".join(rows[-1][0].options)) <= 14:
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows


def _label(cell: Any, field: FormField) -> None:
    _cell(cell, f"{field.title}{' *' if field.required else ''}", font=HEITI, align="center")


def _room(cell: Any, field: FormField) -> None:
    """What stands where the answer is written."""
    texts = {
        "Selector": "　".join(f"□{option}" for option in field.options),
        "Date": "　　　　年　　月　　日",
        "DateRange": "　　　　年　　月　　日 至 　　　　年　　月　　日",
        "Money": "¥",
    }
    _cell(cell, texts.get(field.control) or (f"（{field.hint}）" if field.hint else ""), font=FANGSONG)
    if field.control == "Textarea":
        for _line in range(3):
            _text(cell, "")


def _inner(cell: Any, field: FormField) -> None:
    """The table of a Table field, with empty rows to write in."""
    columns = field.columns
    if not columns:
        return _cell(cell, "", font=FANGSONG)
    inner = cell.add_table(rows=EMPTY_ROWS + 1, cols=len(columns))
    _ruled(inner, [(PAGE_MM[0] - LEFT_MM - RIGHT_MM - 4) / len(columns)] * len(columns))
    for place, one in enumerate(columns):
        _cell(inner.cell(0, place), one.title, font=HEITI, align="center")
        for row in range(1, EMPTY_ROWS + 1):
            _cell(inner.cell(row, place), "", font=FANGSONG)
    first = cell.paragraphs[0]._p
    first.getparent().remove(first)
    _text(cell, "", line=4)
    return None


def _cell(cell: Any, text: str, *, font: str, align: str = "left") -> None:
    old = [one._p for one in cell.paragraphs]
    made = paragraph(cell, align=align, line=LINE, before=4, after=4)
    run(made, text, font=font, size=SIZE, tighter=0)
    for one in old:
        one.getparent().remove(one)


def _text(place: Any, text: str, *, line: float = LINE, before: float = 0) -> None:
    run(paragraph(place, align="left", line=line, before=before), text, size=SIZE, tighter=0)


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
