"""For scans and pictures: the recognition engine on top. Its models load in the child that needs them."""

from __future__ import annotations

import gc
import importlib

from apps.rag.parsing.ocr.engine import engine_name
from apps.rag.parsing.preload import light  # noqa: F401

if engine_name() == "rapidocr":
    for name in ("cv2", "onnxruntime", "rapidocr"):
        importlib.import_module(name)
    importlib.import_module("apps.rag.parsing.ocr.rapid")
gc.collect()
gc.freeze()
