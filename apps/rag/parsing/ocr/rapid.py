"""RapidOCR: the models that its wheel carries (Chinese, English, digits), one thread, no network."""

from __future__ import annotations

import logging
from statistics import median
from typing import Any

from apps.rag.parsing.ocr.line import Line

_MAX_SIDE = 2000  # pixels; the detector's memory grows with the area, 2000 keeps a child near 1.2 GB
# Lines are found in a page of this side, at 0.4 of the time that the whole one takes, and read in the whole one: as
# many letters are right, down to type of 6 points.
_FOUND_SIDE = 1216
_SMALL_SIDE = 736  # what is narrower is enlarged to find lines in it
_MIN_SCORE = 0.5
_SURE = 0.9  # the median of a page that stands upright; below it the page may stand on its head
_SETTINGS = {
    "Global.log_level": "error",
    "Global.max_side_len": _MAX_SIDE,
    "Global.text_score": 0.0,  # the doubtful are left out here, where their share is known
    "Rec.rec_batch_num": 1,  # on one core lines together take longer: more memory, and all as wide as the widest
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
        lines = self._lines(pixels, turning=False)
        if lines and median(line.score for line in lines) < _SURE:
            lines = max(lines, self._lines(pixels, turning=True), key=_sum_of_scores)
        return [line for line in lines if line.score >= _MIN_SCORE]

    def _lines(self, pixels: Any, *, turning: bool) -> list[Line]:
        """With `turning`, lines are judged whether they stand on their heads: wrongly for one in some hundred
        upright ones, which would then be lost, so it is asked only where the page is read badly."""
        try:
            detector = self._read._load_det_model()
            detector.limit_type, detector.limit_side_len = finding(*pixels.shape[:2])
            found = self._read(pixels, use_cls=turning)
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


def finding(height: int, width: int) -> tuple[str, int]:
    """In what size lines are looked for: "max" with the longest side, for whole pages, or "min" with the shortest."""
    if min(height, width) >= _SMALL_SIDE and max(height, width) > _FOUND_SIDE:
        return "max", _FOUND_SIDE
    return "min", _SMALL_SIDE


def _sum_of_scores(lines: list[Line]) -> float:
    return sum(line.score for line in lines)
