"""RapidOCR: the models that its wheel carries (Chinese, English, digits), one thread, no network."""

from __future__ import annotations

import logging
from typing import Any

from apps.rag.parsing.ocr.line import Line

_MAX_SIDE = 2000  # pixels; the detector's memory grows with the area, 2000 keeps a child near 1.2 GB
_MIN_SCORE = 0.5
_SETTINGS = {
    "Global.log_level": "error",
    "Global.max_side_len": _MAX_SIDE,
    "Global.text_score": _MIN_SCORE,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # more could not start: a child has no threads
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,  # gives memory back after each page
}


class RapidOcr:
    name = "rapidocr"

    def __init__(self) -> None:
        import cv2
        from rapidocr import RapidOCR

        cv2.setNumThreads(1)
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        self._read: Any = RapidOCR(params=_SETTINGS)

    def read(self, image: Any) -> list[Line]:
        import numpy

        pixels = numpy.ascontiguousarray(numpy.asarray(image)[:, :, ::-1])  # it expects BGR
        try:
            found = self._read(pixels)
        except Exception as error:  # onnxruntime and OpenCV have no class of their own for it
            if "alloc" in str(error).lower() or "memory" in str(error).lower():
                raise MemoryError(str(error)[-200:]) from error
            raise
        if found.boxes is None or found.txts is None or found.scores is None:
            return []
        lines = []
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
            xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
            lines.append(Line(str(text), (min(xs), min(ys), max(xs), max(ys)), float(score)))
        return lines
