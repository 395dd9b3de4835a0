"""Reading order of a page: columns found by their gutter, full-width lines between them."""

from __future__ import annotations

from collections.abc import Sequence

from apps.rag.parsing.pdf.lines import Line

_MIN_GUTTER = 6.0  # points
_MIN_LINES = 6  # a column of fewer lines is none
_CROSSING = 0.2  # of the lines may lie across the gutter (titles, wide figures)
_SAME_ROW = 0.5
Columns = list[list[Line]]


def reading_order(lines: Sequence[Line], *, width: float) -> Columns:
    """The page's lines as runs to be read one after the other; inside a run top to bottom."""
    gutter = _gutter(lines, width)
    if gutter is None:
        return [_rows(lines)] if lines else []
    runs: Columns = []
    left: list[Line] = []
    right: list[Line] = []
    for line in sorted(lines, key=lambda item: item.y0):
        if line.x0 < gutter - 2 and line.x1 > gutter + 2:
            runs += [run for run in (left, right) if run]
            left, right = [], []
            if runs and runs[-1] and runs[-1][-1].x0 < gutter - 2 and runs[-1][-1].x1 > gutter + 2:
                runs[-1].append(line)
            else:
                runs.append([line])
        elif (line.x0 + line.x1) / 2 < gutter:
            left.append(line)
        else:
            right.append(line)
    runs += [run for run in (left, right) if run]
    return [_rows(run) for run in runs]


def _gutter(lines: Sequence[Line], width: float) -> float | None:
    """The x of a blank strip in the middle part of the page with a column on either side."""
    if len(lines) < 2 * _MIN_LINES:
        return None
    edges = sorted({line.x1 for line in lines if 0.25 * width < line.x1 < 0.7 * width})
    best: tuple[int, float] | None = None
    for edge in edges[:: max(1, len(edges) // 60)]:
        starts = [line.x0 for line in lines if line.x0 > edge - 0.5]
        start = min(starts, default=width)
        middle = (edge + start) / 2 if start < width else edge
        crossing = sum(line.x0 < middle - 2 and line.x1 > middle + 2 for line in lines)
        left = [line for line in lines if line.x1 <= middle + 2]
        right = [line for line in lines if line.x0 >= middle - 2]
        if start - edge < _MIN_GUTTER or crossing > _CROSSING * len(lines) or not _side_by_side(left, right):
            continue
        if best is None or crossing < best[0]:
            best = crossing, middle
    return best[1] if best else None


def _side_by_side(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Two columns of prose stand beside each other; a table's columns have short cells."""
    if min(len(left), len(right)) < _MIN_LINES:
        return False
    if min(_typical(left), _typical(right)) < 14:
        return False
    top = max(min(line.y0 for line in left), min(line.y0 for line in right))
    bottom = min(max(line.y1 for line in left), max(line.y1 for line in right))
    return bottom - top > 60


def _typical(lines: Sequence[Line]) -> int:
    """Median length of a line; an ideograph takes the room of two letters."""
    lengths = sorted(
        len(line.text.encode("utf-8", "replace")) * 2 // 3 if not line.text.isascii() else len(line.text)
        for line in lines
    )
    return lengths[len(lengths) // 2]


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Top to bottom, and left to right among pieces of one row, which are joined where close."""
    ordered: list[Line] = []
    row: list[Line] = []
    for line in sorted(lines, key=lambda item: (item.middle, item.x0)):
        if row and not any(_beside(line, other) for other in row[-4:]):
            ordered += _joined(row)
            row = []
        row.append(line)
    return ordered + _joined(row)


def _beside(line: Line, other: Line) -> bool:
    """Whether two pieces stand on one row; a superscript does, though its middle is higher."""
    overlap = min(line.y1, other.y1) - max(line.y0, other.y0)
    return overlap > _SAME_ROW * min(line.y1 - line.y0, other.y1 - other.y0)


def _joined(row: list[Line]) -> list[Line]:
    row = sorted(row, key=lambda item: item.x0)
    joined: list[Line] = []
    for line in row:
        if joined and line.x0 - joined[-1].x1 < 2.5 * max(line.size, joined[-1].size):
            last = joined[-1]
            last.text = (
                f"{last.text} {line.text}" if line.x0 - last.x1 > 0.2 * line.size else last.text + line.text
            )
            if line.x1 - line.x0 > last.x1 - last.x0:
                last.size, last.bold = line.size, line.bold
            last.x1, last.y0, last.y1 = max(last.x1, line.x1), min(last.y0, line.y0), max(last.y1, line.y1)
        else:
            joined.append(line)
    return joined
