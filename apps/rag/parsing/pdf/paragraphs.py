"""Lines to paragraphs, headings and lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from apps.rag.parsing import outline
from apps.rag.parsing.clean import join_lines
from apps.rag.parsing.pdf.lines import Line

_TERMINAL = "。！？；：.!?;:”」』）)"
_LEADER = re.compile(r"[.…·]{4,}\s*\d+\s*$|(?:\.\s){4,}")
_HEADING_RATIO = 1.15
_MAX_HEADING = 120
_MAX_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph's text and its box; `level` is set for headings."""

    text: str
    box: tuple[float, float, float, float]
    level: int | None
    is_list: bool


@dataclass(frozen=True, slots=True)
class Sizes:
    """The size of body type and the heading sizes above it, largest first; points."""

    body: float
    headings: tuple[float, ...]

    def level(self, size: float) -> int | None:
        if size < self.body * _HEADING_RATIO:
            return None
        for number, heading in enumerate(self.headings, start=1):
            if size > heading * 0.96:
                return min(number, _MAX_LEVELS)
        return None


def measure(pages: Iterable[Sequence[Line]]) -> Sizes:
    """Body type is the size that most characters have."""
    weights: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            weights[round(line.size * 2) / 2] += len(line.text)
    if not weights:
        return Sizes(10.0, ())
    body = weights.most_common(1)[0][0]
    headings: list[float] = []
    for size in sorted((size for size in weights if size >= body * _HEADING_RATIO), reverse=True):
        if not headings or size < headings[-1] * 0.94:
            headings.append(size)
    return Sizes(body, tuple(headings))


def blocks(run: Sequence[Line], sizes: Sizes) -> Iterator[Block]:
    """The paragraphs of one column, top to bottom."""
    if not run:
        return
    left, right = min(line.x0 for line in run), max(line.x1 for line in run)
    group: list[Line] = []
    for line in run:
        if group and _parts(group, line, left=left, right=right, sizes=sizes):
            yield _block(group, sizes)
            group = []
        group.append(line)
    yield _block(group, sizes)


def _parts(group: Sequence[Line], line: Line, *, left: float, right: float, sizes: Sizes) -> bool:
    """Whether a line opens a new paragraph below those of `group`."""
    last = group[-1]
    height = max(last.y1 - last.y0, 1.0)
    if line.middle - last.middle < 0.5 * height:
        return True  # beside it: another cell of a row
    if line.y0 - last.y1 > 0.9 * height or line.y0 < last.y0 - height:
        return True
    if abs(line.size - last.size) > 0.12 * max(line.size, last.size):
        return True
    if line.bold != last.bold and (sizes.level(last.size) is not None or len(group) == 1):
        return True
    if sizes.level(last.size) is not None:
        return False  # a heading over several lines
    if outline.heading_level(last.text) is not None and len(group) == 1:
        return True
    if outline.starts_block(line.text) or _leads(last.text):
        return True
    return _ends_early(last, line, left=left, right=right) or _indented(group, line, left)


def _ends_early(last: Line, line: Line, *, left: float, right: float) -> bool:
    room = right - last.x1
    if last.text[-1] in _TERMINAL:
        return room > 2 * last.size
    return room > 0.35 * (right - left) and line.x0 <= left + 3 * line.size and room > 6 * last.size


def _indented(group: Sequence[Line], line: Line, left: float) -> bool:
    """The first line of a paragraph stands in by one to four characters, the others do not."""
    step = line.x0 - (group[-1].x0 if len(group) > 1 else left)
    return 0.8 * line.size < step < 4.5 * line.size and group[-1].text[-1] in _TERMINAL


def _leads(text: str) -> bool:
    """Whether dots lead to the number of a page. They are counted first: most lines need no expression."""
    return sum(map(text.count, ".…·")) >= 4 and _LEADER.search(text) is not None


def _block(group: Sequence[Line], sizes: Sizes) -> Block:
    text = join_lines([line.text for line in group])
    box = (
        round(min(line.x0 for line in group), 1),
        round(min(line.y0 for line in group), 1),
        round(max(line.x1 for line in group), 1),
        round(max(line.y1 for line in group), 1),
    )
    return Block(text, box, _level(text, group, sizes), outline.is_bullet(text) or _leads(text))


def _level(text: str, group: Sequence[Line], sizes: Sizes) -> int | None:
    if (
        len(text) > _MAX_HEADING
        or len(text) < 2
        or text[0] in ",.;，、。；∗*"
        or _leads(text)
        or not any(char.isalpha() for char in text)
    ):
        return None
    by_form = outline.heading_level(text)
    if by_form is not None:
        return by_form
    if outline.is_bullet(text) and outline.decimal_level(text) is None:
        return None
    by_size = sizes.level(group[0].size)
    if by_size is not None and text[-1] not in "。；;，,":
        return by_size
    depth = outline.decimal_level(text)
    if group[0].bold and len(group) <= 2 and text[-1] not in "。；;，,.：:":
        return min(len(sizes.headings) + (depth or 1), 6)
    return None
