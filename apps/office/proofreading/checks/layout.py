"""The official layout (GB/T 9704—2012) of a Word file; silent for plain text."""

from __future__ import annotations

from collections.abc import Iterator

from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Hit

MARGINS = {"top": 37.0, "left": 28.0, "bottom": 35.0, "right": 26.0}
LABEL = {"top": "上", "left": "左", "bottom": "下", "right": "右"}
SLACK_MM = 1.0
BODY_FONTS = ("仿宋", "FangSong")
TITLE_FONTS = ("小标宋", "XBS")


def _note(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _at_line(draft: Draft, number: int | None, note: dict[str, str]) -> Hit:
    start, end = draft.lines[number] if number is not None else draft.lines[0]
    return Hit(start, end, (), note)


def _style(font: str, size: float, *, is_centred: bool) -> dict[str, str]:
    """What the file says of a paragraph; nothing of what it does not say."""
    said = " ".join(part for part in (font, f"{size:g} pt" if size else "") if part)
    zh = [f"现在是{said}。"] if said else []
    en = [f"It is {said}."] if said else []
    if not is_centred:
        zh, en = [*zh, "没有居中。"], [*en, "It is not centred."]
    return _note("".join(zh), " ".join(en))


def page_margins(draft: Draft) -> Iterator[Hit]:
    layout = draft.layout
    if layout is None or not layout.margins_mm:
        return
    wrong = [
        side
        for side, wanted in MARGINS.items()
        if abs(layout.margins_mm.get(side, wanted) - wanted) > SLACK_MM
    ]
    width, height = layout.page_mm
    if abs(width - 210) > SLACK_MM or abs(height - 297) > SLACK_MM:
        yield _at_line(
            draft,
            None,
            _note(f"纸张是{width:.0f}×{height:.0f}毫米。", f"The paper is {width:.0f} × {height:.0f} mm."),
        )
    elif wrong:
        zh = "、".join(f"{LABEL[side]}{layout.margins_mm[side]:.1f}毫米" for side in wrong)
        en = ", ".join(f"{side} {layout.margins_mm[side]:.1f} mm" for side in wrong)
        yield _at_line(draft, None, _note(f"现在是{zh}。", f"It is {en}."))


def body_style(draft: Draft) -> Iterator[Hit]:
    layout = draft.layout
    if layout is None or layout.body_line is None:
        return
    font, size = layout.body_font, layout.body_pt
    odd_font = bool(font) and not any(name in font for name in BODY_FONTS)
    if odd_font or (size and abs(size - 16) > 0.1):
        yield _at_line(draft, layout.body_line, _style(font, size, is_centred=True))


def title_style(draft: Draft) -> Iterator[Hit]:
    layout = draft.layout
    if layout is None or layout.title_line is None:
        return
    font, size = layout.title_font, layout.title_pt
    odd_font = bool(font) and not any(name in font for name in TITLE_FONTS)
    if odd_font or (size and abs(size - 22) > 0.1) or not layout.title_centred:
        yield _at_line(draft, layout.title_line, _style(font, size, is_centred=layout.title_centred))


def line_spacing(draft: Draft) -> Iterator[Hit]:
    """28.95 points give 22 lines a page, 29 give 21."""
    layout = draft.layout
    if layout is None or not layout.line_pt or layout.body_line is None:
        return
    lines = int(225 / 25.4 * 72 / layout.line_pt)
    if lines != 22:
        note = _note(
            f"固定行距{layout.line_pt:g}磅，每面{lines}行；28.95磅为22行。",
            f"{layout.line_pt:g} pt give {lines} lines a page; 28.95 pt give 22.",
        )
        yield _at_line(draft, layout.body_line, note)


def page_number(draft: Draft) -> Iterator[Hit]:
    layout = draft.layout
    if layout is None or layout.footer_text is None:
        return
    text = layout.footer_text.replace(" ", "")
    if layout.footer_has_number and not (
        text.startswith(("—", "－", "-")) and text.endswith(("—", "－", "-"))
    ):
        yield _at_line(
            draft, None, _note("页码两侧应各有一条一字线。", "A dash stands on both sides of the number.")
        )
