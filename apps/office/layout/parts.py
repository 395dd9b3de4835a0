"""The parts of an official document from its head to its attachments, each at its measured place."""

from __future__ import annotations

import re
from typing import Any

from apps.office.layout.measures import (
    BODY_PT,
    EM_PT,
    FANGSONG,
    HEITI,
    KAITI,
    LEVEL_FONTS,
    LINE_PT,
    RED,
    TITLE_PT,
    WIDTH_PT,
    XIAOBIAOSONG,
    mm,
    width_of,
)
from apps.office.layout.titles import title_lines
from apps.office.layout.writing import border, element, paragraph, run
from apps.office.notices.draft import Attachment, Draft, Paragraph

LARGEST_MARK, SMALLEST_MARK = 62.0, 26.0
_GAP = re.compile(r"(［待补：[^］]{1,40}］)")
MARK_TOP_MM = 35.0


def blank(place: Any, count: int = 1) -> None:
    for _number in range(count):
        run(paragraph(place), "")


def spans(made: Any, text: str, *, font: str = FANGSONG, size: float = BODY_PT) -> None:
    """The text, gaps in it marked so that nobody prints them."""
    for part in _GAP.split(text):
        if part:
            run(made, part, font=font, size=size, highlight=bool(_GAP.fullmatch(part)))


def head(place: Any, draft: Draft) -> None:
    """Copy number, secrecy and urgency, the red mark, the document number and the red rule."""
    tops = [draft.value("copy_number"), draft.value("secrecy"), draft.value("urgency")]
    said = [text for text in tops if text]
    for text in said:
        digits = text.isdigit()
        run(paragraph(place, align="left"), text, font=FANGSONG if digits else HEITI)
    issuer = draft.value("issuer")
    size = mark_size(issuer)
    above = mm(MARK_TOP_MM) - LINE_PT * len(said)
    line = size * 1.3
    # A line taller than its type puts the difference above it: that much less is to be left free.
    mark = paragraph(place, align="center", line=line, before=max(0.0, above - (line - size) * 0.67))
    run(
        mark,
        f"{issuer}文件" if not issuer.endswith(("文件", "令")) else issuer,
        font=XIAOBIAOSONG,
        size=size,
        tighter=0,
        colour=RED,
    )
    blank(place, 2)
    number_line(place, draft)


def mark_size(issuer: str) -> float:
    """Large, but in one line."""
    letters = max(len(issuer) + 2, 4)
    return max(SMALLEST_MARK, min(LARGEST_MARK, WIDTH_PT / letters))


def number_line(place: Any, draft: Draft) -> None:
    """Centred; towards a higher authority at the left, with who signed it off at the right. The rule lies 4 mm below."""
    number, signer = draft.value("document_number"), draft.value("signer")
    if signer:
        made = paragraph(place, align="left", left=EM_PT, right=EM_PT)
        tabs = element("tabs")
        tabs.append(element("tab", val="right", pos=round((WIDTH_PT - EM_PT) * 20)))
        made._p.get_or_add_pPr().append(tabs)
        run(made, f"{number}\t签发人：")
        run(made, signer, font=KAITI)
    else:
        made = paragraph(place, align="center")
        run(made, number)
    rule = paragraph(place, line=mm(2.5), align="left")  # the type itself stands 1.5 mm above its line
    run(rule, "", size=2)
    border(rule, eighths=8, space=0, colour=RED)


def title(place: Any, text: str) -> None:
    """Two lines below the rule, broken between words."""
    blank(place, 2)
    for line in title_lines(text):
        run(paragraph(place, align="center", line=LINE_PT), line, font=XIAOBIAOSONG, size=TITLE_PT, tighter=0)


def addressee(place: Any, text: str) -> None:
    blank(place)
    spans(paragraph(place), f"{text.rstrip('：:')}：")


def body(place: Any, paragraphs: list[Paragraph]) -> None:
    for one in paragraphs:
        font = LEVEL_FONTS.get(one.level, FANGSONG) if one.role == "head" else FANGSONG
        made = paragraph(place, first=2 * EM_PT)
        spans(made, one.text, font=font)


def attachment_list(place: Any, attachments: list[Attachment]) -> None:
    """One line below the text, numbered where there are several, no mark at the end."""
    if not attachments:
        return
    blank(place)
    several = len(attachments) > 1
    for number, one in enumerate(attachments, start=1):
        label = "附件：" if number == 1 else ""
        counted = f"{number}." if several else ""
        hanging = width_of("附件：" + counted) if number == 1 else width_of(counted)
        left = 2 * EM_PT + width_of("附件：" + counted)
        made = paragraph(place, left=left, hanging=hanging, align="left")
        spans(made, f"{label}{counted}{one.title}")


def signature(place: Any, draft: Draft, *, sealed: bool) -> None:
    """Unsealed: the name two characters from the right, the date's first character two right of the name's first.
    Sealed: the date four characters from the right, the name centred above it."""
    issuer, day = draft.value("issuer"), draft.value("date")
    if not issuer and not day:
        return
    blank(place, 2 if not sealed else 3)
    name_left, day_left = signature_places(issuer, day, sealed=sealed)
    for text, left in ((issuer, name_left), (day, day_left)):
        if text:
            run(paragraph(place, align="left", left=left), text)


def signature_places(issuer: str, day: str, *, sealed: bool) -> tuple[float, float]:
    """Where the name and the date begin, in points from the left of the type area."""
    name_width, day_width = width_of(issuer), width_of(day)
    if sealed:
        day_left = WIDTH_PT - 4 * EM_PT - day_width
        return max(0.0, day_left + (day_width - name_width) / 2), day_left
    name_left = WIDTH_PT - 2 * EM_PT - name_width
    day_left = name_left + 2 * EM_PT
    if day_left + day_width > WIDTH_PT - 2 * EM_PT:  # the date is the longer one: it keeps its place
        day_left = WIDTH_PT - 2 * EM_PT - day_width
        name_left = day_left - 2 * EM_PT
    return max(0.0, name_left), max(0.0, day_left)


def note(place: Any, draft: Draft) -> None:
    """Whom to ask, in brackets below the date."""
    told = [("联系人", draft.value("contact")), ("联系电话", draft.value("phone"))]
    text = "；".join(f"{word}：{value}" for word, value in told if value)
    if text:
        run(paragraph(place, first=2 * EM_PT), f"（{text}）")


def attachment_page(place: Any, one: Attachment, *, number: int) -> None:
    """A page of its own: 附件1 at the top left, the title in the third line."""
    made = paragraph(place, align="left")
    made._p.get_or_add_pPr().append(element("pageBreakBefore"))
    run(made, f"附件{number}" if number else "附件", font=HEITI)
    blank(place)
    for line in title_lines(one.title):
        run(paragraph(place, align="center"), line, font=XIAOBIAOSONG, size=TITLE_PT, tighter=0)
    blank(place)
    for text in one.text:
        spans(paragraph(place, first=2 * EM_PT), text)
