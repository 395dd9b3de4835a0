"""An official document as a Word file."""

from __future__ import annotations

from typing import Any

from apps.core.word import word_bytes
from apps.office.layout import measures as m
from apps.office.layout import parts
from apps.office.layout.imprint import imprint
from apps.office.layout.writing import in_order, page_field, paragraph, run
from apps.office.notices.draft import Draft

FOOTER_MM = 22.0  # from the lower edge: the number then stands 7 mm below the type area


def word_file(draft: Draft, *, sealed: bool = False, red_head: bool = True) -> bytes:
    """The bytes of a .docx. Without `red_head` it begins with the title, as a letter or an annex does."""
    from docx import Document

    document = Document()
    _page(document)
    _properties(document, draft)
    if red_head and draft.value("issuer"):
        parts.head(document, draft)
    parts.title(document, draft.title)
    if addressees := draft.value("addressees"):
        parts.addressee(document, addressees)
    else:
        parts.blank(document)
    parts.body(document, draft.paragraphs)
    parts.attachment_list(document, draft.attachments)
    parts.signature(document, draft, sealed=sealed)
    parts.note(document, draft)
    whole = [one for one in draft.attachments if one.text]
    several = len(draft.attachments) > 1
    for one in whole:
        parts.attachment_page(document, one, number=draft.attachments.index(one) + 1 if several else 0)
    imprint(document, draft)
    in_order(document.element)
    return word_bytes(document)


def _page(document: Any) -> None:
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(m.PAGE_MM[0]), Mm(m.PAGE_MM[1])
    section.top_margin, section.bottom_margin = Mm(m.TOP_MM), Mm(m.BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(m.LEFT_MM), Mm(m.RIGHT_MM)
    section.footer_distance, section.header_distance = Mm(FOOTER_MM), Mm(15)
    for grid in section._sectPr.xpath("w:docGrid"):
        section._sectPr.remove(grid)
    document.settings.odd_and_even_pages_header_footer = True
    _number(section.footer, align="right", right=m.FOOT_PT)
    _number(section.even_page_footer, align="left", left=m.FOOT_PT)
    _defaults(document)


def _number(footer: Any, *, align: str, left: float = 0, right: float = 0) -> None:
    """— 1 —: odd pages at the right, even ones at the left, one character from the edge."""
    footer.is_linked_to_previous = False
    for old in list(footer.paragraphs):
        old._p.getparent().remove(old._p)
    made = paragraph(footer, align=align, line=18, left=left, right=right)
    run(made, "— ", font=m.SONGTI, size=m.FOOT_PT, tighter=0)
    page_field(made, size=m.FOOT_PT, font=m.SONGTI)
    run(made, " —", font=m.SONGTI, size=m.FOOT_PT, tighter=0)
    in_order(footer._element)


def _defaults(document: Any) -> None:
    """The face and size that Word takes for what is typed into the file later."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style = document.styles["Normal"]
    style.font.name, style.font.size = m.FANGSONG, Pt(m.BODY_PT)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), m.FANGSONG)
    # The template has it, with another value: a second one, behind the rest, is what Word's schema refuses.
    spacing = document.settings.element.find(qn("w:characterSpacingControl"))
    spacing.set(qn("w:val"), "compressPunctuation")


def _properties(document: Any, draft: Draft) -> None:
    document.core_properties.title = draft.title[:255]
    document.core_properties.author = draft.value("issuer")[:255] or "Askive"
    document.core_properties.language = "zh-CN"
