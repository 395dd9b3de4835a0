"""Where a place in a PDF lies on the page as it is shown."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True, slots=True)
class Matrix:
    """From PDF user space to points with the origin top left of the page as shown."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def boxes(
        self, left: numpy.ndarray, bottom: numpy.ndarray, right: numpy.ndarray, top: numpy.ndarray
    ) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """Left, top, right, bottom in points of boxes in user space."""
        import numpy

        xs = self.a * left + self.c * bottom + self.e, self.a * right + self.c * top + self.e
        ys = self.b * left + self.d * bottom + self.f, self.b * right + self.d * top + self.f
        return numpy.minimum(*xs), numpy.minimum(*ys), numpy.maximum(*xs), numpy.maximum(*ys)

    def inverse_box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """Left, bottom, right, top in user space."""
        det = self.a * self.d - self.b * self.c
        corners = []
        for x, y in ((x0, y0), (x1, y1)):
            dx, dy = x - self.e, y - self.f
            corners.append(((self.d * dx - self.c * dy) / det, (self.a * dy - self.b * dx) / det))
        (ax, ay), (bx, by) = corners
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def page_matrix(page: Any) -> Matrix:
    """Asks pdfium where three points come to lie, which settles rotation and crop box at once."""
    import pypdfium2.raw as raw

    width, height = page.get_size()
    scale, reach = 100, 1000.0
    x, y = ctypes.c_int(), ctypes.c_int()

    def place(px: float, py: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page.raw, 0, 0, round(width * scale), round(height * scale), 0, px, py, x, y)
        return x.value / scale, y.value / scale

    (ox, oy), (rx, ry), (ux, uy) = place(0, 0), place(reach, 0), place(0, reach)
    return Matrix((rx - ox) / reach, (ry - oy) / reach, (ux - ox) / reach, (uy - oy) / reach, ox, oy)
