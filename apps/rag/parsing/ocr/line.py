"""What every engine gives back, and what it must be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text with its box (x0, y0, x1, y1) in pixels, origin top left, and a score of 0–1."""

    text: str
    box: tuple[float, float, float, float]
    score: float


class Ocr(Protocol):
    name: str

    def read(self, image: Any) -> list[Line]:
        """The lines of a PIL image in mode RGB, in no order that is promised."""
