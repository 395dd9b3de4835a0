"""The block at the foot of the last page (版记): copies, who printed it and when, between rules."""

from __future__ import annotations

from typing import Any

from apps.office.layout.measures import FANGSONG, FOOT_PT, HEIGHT_MM, TOP_MM, WIDTH_PT, mm, twips
from apps.office.layout.writing import element, paragraph, run
from apps.office.notices.draft import Draft

THICK, THIN = 8, 6  # eighths of a point: 0.35 mm outside, 0.25 mm inside
LINE = 24.0
CHARACTERS = 30  # of 14 pt in a row, with one left free at the right


def imprint(document: Any, draft: Draft) -> None:
    """Nothing where neither copies nor a printer is told. A frame at the lower edge of the type area."""
    copies = draft.value("copies").rstrip("。")
    printer, day = draft.value("printed_by"), draft.value("printed_on")
    rows = _lines(f"　抄送：{copies}。") if copies else []
    ruled = {0}
    if printer or day:
        ruled.add(len(rows))
        rows.append(f"　{printer}\t{day}印发" if day else f"　{printer}")
    for place, text in enumerate(rows):
        made = paragraph(document, line=LINE, align="left")
        look = made._p.get_or_add_pPr()
        look.append(_frame(below=len(rows) - place))
        look.append(_rules(first=place == 0, ruled=place in ruled, last=place == len(rows) - 1))
        tabs = element("tabs")
        tabs.append(element("tab", val="right", pos=twips(WIDTH_PT - FOOT_PT)))
        look.append(tabs)
        run(made, text, font=FANGSONG, size=FOOT_PT, tighter=0)
    if rows:
        run(paragraph(document, line=1), "", size=1)  # a frame is anchored in what follows it


def _frame(*, below: int) -> Any:
    """A frame a row, `below` rows above the lower edge: rows with rules of their own cannot share one in LibreOffice."""
    top = mm(TOP_MM + HEIGHT_MM) - LINE * below
    return element(
        "framePr",
        w=twips(WIDTH_PT),
        h=twips(LINE),
        hRule="exact",
        hSpace=0,
        wrap="around",
        vAnchor="page",
        hAnchor="margin",
        x=1,
        y=twips(top),
    )


def _lines(text: str) -> list[str]:
    """Turned over below the first receiver."""
    rest, lines = text[CHARACTERS:], [text[:CHARACTERS]]
    step = CHARACTERS - 4
    return lines + [f"　　　　{rest[at : at + step]}" for at in range(0, len(rest), step)]


def _rules(*, first: bool, ruled: bool, last: bool) -> Any:
    borders = element("pBdr")
    if ruled:
        borders.append(element("top", val="single", sz=THICK if first else THIN, space=0, color="000000"))
    if last:
        borders.append(element("bottom", val="single", sz=THICK, space=0, color="000000"))
    return borders
