"""What a Word file says of its pages, as the layout rules need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Lengths in millimetres, sizes in points; None and empty where the file does not say. Lines are those of
    the draft's text."""

    page_mm: tuple[float, float] = (210.0, 297.0)
    margins_mm: Mapping[str, float] = field(default_factory=dict)
    title_line: int | None = None
    title_font: str = ""
    title_pt: float = 0.0
    title_centred: bool = True
    body_line: int | None = None
    body_font: str = ""
    body_pt: float = 0.0
    line_pt: float = 0.0
    footer_text: str | None = None
    footer_has_number: bool = False
