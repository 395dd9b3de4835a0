"""The interface of recognition and the choice of an engine; the engines load when first used."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
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


@lru_cache(maxsize=1)
def engine_name() -> str | None:
    """The engine that is there: "rapidocr" before "tesseract", None without either. Loads no model."""
    if all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime")):
        return "rapidocr"
    from apps.rag.parsing.ocr import tesseract

    return "tesseract" if tesseract.library() is not None else None


@lru_cache(maxsize=1)
def engine() -> Ocr | None:
    """That engine with its models loaded: seconds and hundreds of megabytes, so only in a child."""
    name = engine_name()
    if name == "rapidocr":
        from apps.rag.parsing.ocr.rapid import RapidOcr

        return RapidOcr()
    if name == "tesseract":
        from apps.rag.parsing.ocr.tesseract import TesseractOcr

        return TesseractOcr()
    return None
