"""Paragraphs and runs of a Word file by exact measures; the only place that knows the markup below python-docx."""

from __future__ import annotations

from typing import Any

from apps.office.layout.measures import BODY_PT, FANGSONG, LATIN, LINE_PT, TIGHTER_PT, twips

_XML_SAFE = frozenset("\t\n")


def xml_text(text: str) -> str:
    """Without what no XML may hold."""
    return "".join(
        letter
        for letter in text
        if (letter >= " " or letter in _XML_SAFE)
        and not 0xD800 <= ord(letter) <= 0xDFFF
        and letter not in "\ufffe\uffff"
    )


def element(tag: str, **attributes: str | int) -> Any:
    """<w:tag w:name="value"/>."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def paragraph(
    place: Any,
    *,
    align: str = "both",
    line: float = LINE_PT,
    before: float = 0,
    after: float = 0,
    left: float = 0,
    right: float = 0,
    first: float = 0,
    hanging: float = 0,
) -> Any:
    """A new paragraph of `place` with exact lines. All measures in points."""
    made = place.add_paragraph()
    look = made._p.get_or_add_pPr()
    for tag in ("widowControl", "snapToGrid", "autoSpaceDE", "autoSpaceDN"):
        look.append(element(tag, val=0))
    look.append(
        element("spacing", before=twips(before), after=twips(after), line=twips(line), lineRule="exact")
    )
    indent = {"left": twips(left), "right": twips(right)}
    if hanging:
        indent["hanging"] = twips(hanging)
    else:
        indent["firstLine"] = twips(first)
    look.append(element("ind", **indent))
    look.append(element("jc", val=align))
    return made


def run(
    where: Any,
    text: str,
    *,
    font: str = FANGSONG,
    size: float = BODY_PT,
    tighter: float = TIGHTER_PT,
    colour: str = "",
    highlight: bool = False,
    latin: str = "",
) -> Any:
    """Text in one face; `latin` is the face of letters and digits, by default the same one."""
    made = where.add_run(xml_text(text))
    look = made._r.get_or_add_rPr()
    look.append(
        element("rFonts", ascii=latin or font, hAnsi=latin or font, eastAsia=font, cs=LATIN, hint="eastAsia")
    )
    if colour:
        look.append(element("color", val=colour))
    if tighter:
        look.append(element("spacing", val=twips(tighter)))
    look.append(element("kern", val=0))
    look.append(element("sz", val=round(size * 2)))
    look.append(element("szCs", val=round(size * 2)))
    if highlight:
        look.append(element("highlight", val="yellow"))
    return made


def border(made: Any, *, side: str = "bottom", eighths: int, space: int, colour: str) -> None:
    """A line along a paragraph: `eighths` of a point wide, `space` points away from the text."""
    borders = element("pBdr")
    borders.append(element(side, val="single", sz=eighths, space=space, color=colour))
    look = made._p.get_or_add_pPr()
    look.insert(0, borders)


def page_field(where: Any, *, size: float, font: str) -> None:
    """The number of the page, as Word and LibreOffice count it."""
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = run(where, "", font=font, size=size, tighter=0)
        if kind:
            part._r.append(element("fldChar", fldCharType=kind))
        else:
            code = element("instrText")
            code.text = text
            part._r.append(code)


def in_order(document: Any) -> None:
    """Properties in the order that the schema asks for, whatever order they were added in."""
    from docx.oxml.ns import qn

    orders = {
        "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl rPr sectPr",
        "rPr": "rStyle rFonts b bCs i iCs caps strike color spacing w kern position sz szCs highlight u shd vertAlign lang",
    }
    for tag, order in orders.items():
        places = {qn(f"w:{name}"): place for place, name in enumerate(order.split())}
        for look in list(document.iter(qn(f"w:{tag}"))):
            look[:] = sorted(look, key=lambda child: places.get(child.tag, len(places)))
