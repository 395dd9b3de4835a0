"""What a Word document says of paper, fonts and lines: the run, else its style, else the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.office.files.docx.package import Package, w
from apps.office.files.docx.reading import DocxText
from apps.office.proofreading.page_layout import PageLayout

if TYPE_CHECKING:
    from lxml.etree import _Element

MM_A_TWIP = 25.4 / 1440
LONG = 25  # characters: a line of body text


def layout_of(document: DocxText) -> PageLayout:
    styles = _Styles(document.package)
    filled = [
        (number, paragraph)
        for number, (_offset, paragraph) in enumerate(document.paragraphs)
        if _text(paragraph).strip()
        and not any(parent.tag == w("tbl") for parent in paragraph.iterancestors())
    ]
    title = filled[0] if filled else None
    body = next((entry for entry in filled[1:] if len(_text(entry[1])) >= LONG), None)
    title_font, title_pt = styles.font(title[1]) if title else ("", 0.0)
    body_font, body_pt = styles.font(body[1]) if body else ("", 0.0)
    section = document.root.find(f".//{w('body')}/{w('sectPr')}")
    return PageLayout(
        page_mm=_paper(section), margins_mm=_margins(section),
        title_line=title[0] if title else None, title_font=title_font, title_pt=title_pt,
        title_centred=title is None or styles.alignment(title[1]) == "center",
        body_line=body[0] if body else None, body_font=body_font, body_pt=body_pt,
        line_pt=styles.exact_line(body[1]) if body else 0.0,
        **_footer(document.package),
    )  # fmt: skip


def _text(paragraph: _Element) -> str:
    return "".join(node.text or "" for node in paragraph.iter(w("t")))


def _millimetres(node: _Element | None, name: str) -> float | None:
    value = node.get(w(name)) if node is not None else None
    return int(value) * MM_A_TWIP if value and value.lstrip("-").isdigit() else None


def _paper(section: _Element | None) -> tuple[float, float]:
    size = section.find(w("pgSz")) if section is not None else None
    width, height = _millimetres(size, "w"), _millimetres(size, "h")
    return (width or 210.0, height or 297.0)


def _margins(section: _Element | None) -> dict[str, float]:
    margins = section.find(w("pgMar")) if section is not None else None
    found = {side: _millimetres(margins, side) for side in ("top", "left", "bottom", "right")}
    return {side: value for side, value in found.items() if value is not None}


def _footer(package: Package) -> dict[str, Any]:
    """The text of the first footer that holds a page number."""
    for number in range(1, 10):
        root = package.xml(f"word/footer{number}.xml")
        if root is None:
            continue
        codes = "".join(node.text or "" for node in root.iter(w("instrText")))
        simple = "".join(node.get(w("instr"), "") for node in root.iter(w("fldSimple")))
        if "PAGE" in codes + simple:
            return {"footer_text": _text(root).strip(), "footer_has_number": True}
    return {}


class _Styles:
    def __init__(self, package: Package) -> None:
        root = package.xml("word/styles.xml")
        self._styles = (
            {node.get(w("styleId"), ""): node for node in root.iter(w("style"))} if root is not None else {}
        )
        self._defaults = root.find(f"{w('docDefaults')}") if root is not None else None
        normal = [
            key
            for key, node in self._styles.items()
            if node.get(w("default")) == "1" and node.get(w("type")) == "paragraph"
        ]
        self._normal = normal[0] if normal else ""

    def _chain(self, paragraph: _Element) -> list[_Element]:
        """Elements that may hold properties, the nearest first."""
        properties = paragraph.find(w("pPr"))
        named = properties.find(w("pStyle")) if properties is not None else None
        key = named.get(w("val"), "") if named is not None else self._normal
        found = [paragraph]
        for _step in range(12):
            style = self._styles.get(key)
            if style is None:
                break
            found.append(style)
            based = style.find(w("basedOn"))
            key = based.get(w("val"), "") if based is not None else ""
        return found + ([self._defaults] if self._defaults is not None else [])

    def font(self, paragraph: _Element) -> tuple[str, float]:
        """(East Asian font, size in points); empty and 0 where nobody says."""
        font, size = "", 0.0
        runs = [run for run in paragraph.iter(w("r")) if run.find(w("t")) is not None]
        for holder in [*runs[:1], *self._chain(paragraph)[1:]]:
            properties = next(iter(holder.iter(w("rPr"))), None)
            if properties is None:
                continue
            fonts, half_points = properties.find(w("rFonts")), properties.find(w("sz"))
            if not font and fonts is not None:
                font = fonts.get(w("eastAsia"), "")
            if not size and half_points is not None and half_points.get(w("val"), "").isdigit():
                size = int(half_points.get(w("val"), "0")) / 2
        return font, size

    def _property(self, paragraph: _Element, name: str) -> _Element | None:
        for holder in self._chain(paragraph):
            properties = holder.find(w("pPr"))
            found = properties.find(w(name)) if properties is not None else None
            if found is not None:
                return found
        return None

    def alignment(self, paragraph: _Element) -> str:
        node = self._property(paragraph, "jc")
        return node.get(w("val"), "") if node is not None else ""

    def exact_line(self, paragraph: _Element) -> float:
        """Points of a fixed line spacing; 0 for any other."""
        node = self._property(paragraph, "spacing")
        if node is None or node.get(w("lineRule")) != "exact":
            return 0.0
        value = node.get(w("line"), "")
        return int(value) / 20 if value.isdigit() else 0.0
