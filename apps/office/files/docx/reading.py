"""The text of a Word document, a line a paragraph, and where each character of it stands.

Text that somebody deleted under tracked changes is not read; what was inserted is.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.office.files.docx.package import DOCUMENT, Package, w

if TYPE_CHECKING:
    from lxml.etree import _Element

FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE = {w("del"), w("moveFrom")}
_MARKS = {w("tab"): "\t", w("br"): "\v", w("cr"): "\v", w("noBreakHyphen"): "-"}


@dataclass(slots=True)
class Piece:
    """Characters [start, start + len(text)) of the whole text, in one element of a run. `fixed`: a tab or a
    break, which no edit may cut."""

    start: int
    text: str
    node: _Element
    run: _Element
    fixed: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class DocxText:
    """`text` has one line a paragraph; `pieces` in order, those of a paragraph together."""

    def __init__(self, package: Package) -> None:
        root = package.xml(DOCUMENT)
        assert root is not None
        self.package, self.root = package, root
        self.pieces: list[Piece] = []
        self.paragraphs: list[tuple[int, _Element]] = []
        lines: list[str] = []
        offset = 0
        for paragraph in root.iter(w("p")):
            if any(parent.tag == FALLBACK for parent in paragraph.iterancestors()):
                continue
            self.paragraphs.append((offset, paragraph))
            line = self._read(paragraph, offset)
            lines.append(line)
            offset += len(line) + 1
        self.text = "\n".join(lines)
        self._starts = [piece.start for piece in self.pieces]
        self._lines = [start for start, _paragraph in self.paragraphs]

    def _read(self, paragraph: _Element, offset: int) -> str:
        line = ""
        for run in _runs(paragraph):
            for node in run:
                text = (node.text or "") if node.tag == w("t") else _MARKS.get(str(node.tag), "")
                if text:
                    self.pieces.append(Piece(offset + len(line), text, node, run, fixed=node.tag != w("t")))
                    line += text
        return line

    def pieces_in(self, start: int, end: int) -> list[Piece]:
        """Those that share a character with [start, end)."""
        first = max(0, bisect_right(self._starts, start) - 1)
        found = []
        for piece in self.pieces[first:]:
            if piece.start >= end:
                break
            if piece.end > start:
                found.append(piece)
        return found

    def paragraph_at(self, offset: int) -> _Element:
        return self.paragraphs[max(0, bisect_right(self._lines, offset) - 1)][1]


def _runs(paragraph: _Element) -> list[_Element]:
    """Runs of the paragraph itself, in order: within links, insertions and controls, not in text boxes (which
    have paragraphs of their own) or deletions."""
    found: list[_Element] = []
    waiting = list(reversed(list(paragraph)))
    while waiting:
        node = waiting.pop()
        if node.tag == w("r"):
            found.append(node)
        elif node.tag not in _GONE and node.tag not in (w("p"), w("pPr")) and isinstance(node.tag, str):
            waiting.extend(reversed(list(node)))
    return found
