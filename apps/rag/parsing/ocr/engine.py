"""The choice of an engine of recognition; the engines load when first used."""

from __future__ import annotations

import importlib.util
from functools import lru_cache

from apps.rag.parsing.ocr import rapid, tesseract
from apps.rag.parsing.ocr.line import Ocr


@lru_cache(maxsize=1)
def engine_name() -> str | None:
    """The engine that is there: "rapidocr" before "tesseract", None without either. Loads no model."""
    if all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime")):
        return "rapidocr"
    return "tesseract" if tesseract.library() is not None else None


@lru_cache(maxsize=1)
def engine() -> Ocr | None:
    """That engine with its models loaded: seconds and hundreds of megabytes, so only in a child."""
    name = engine_name()
    if name == "rapidocr":
        return rapid.RapidOcr()
    if name == "tesseract":
        return tesseract.TesseractOcr()
    return None
