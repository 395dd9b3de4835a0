"""Edits written into a Word document: as tracked changes with comments, or plainly."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apps.office.files.docx.package import COMMENTS, DOCUMENT, Package, W, w
from apps.office.files.docx.reading import DocxText, Piece
from apps.office.proofreading.edits import trimmed

if TYPE_CHECKING:
    from lxml.etree import _Element

AUTHOR, INITIALS = "Askive", "A"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True, slots=True)
class Change:
    """Characters [start, end) become `new` (None: they stay), with a comment (empty: none)."""

    start: int
    end: int
    new: str | None
    comment: str = ""


def tracked(data: bytes, changes: Iterable[Change]) -> bytes:
    """The file with w:del, w:ins and comments for changes that lie within one paragraph and do not overlap."""
    return _Writer(data, is_tracked=True).write(changes)


def clean(data: bytes, changes: Iterable[Change]) -> bytes:
    """The file with the new text in place; changes that others track stay tracked."""
    return _Writer(data, is_tracked=False).write(changes)


class _Writer:
    def __init__(self, data: bytes, *, is_tracked: bool) -> None:
        self.package = Package(data)
        self.document = DocxText(self.package)
        self.is_tracked = is_tracked
        self.now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._ids = self._highest()
        self._comments: list[tuple[int, str]] = []

    def _highest(self) -> int:
        """Above every id of changes and bookmarks in the document and of comments."""
        roots = [self.document.root, self.package.xml(COMMENTS)]
        given = [node.get(w("id"), "") for root in roots if root is not None for node in root.iter()]
        return max((int(one) for one in given if one.lstrip("-").isdigit()), default=0)

    def write(self, changes: Iterable[Change]) -> bytes:
        done_from = len(self.document.text) + 1
        for change in sorted(changes, key=lambda one: (-one.start, -one.end)):  # from the end: offsets hold
            if change.end <= done_from and self._apply(change):
                done_from = change.start
        self.package.put(DOCUMENT, self.document.root)
        if self._comments:
            self._write_comments()
        return self.package.bytes()

    def _apply(self, change: Change) -> bool:
        """False for what no run holds: an empty stretch, several paragraphs, a tab."""
        old = self.document.text[change.start : change.end]
        if not old or "\n" in old:
            return False
        runs = self._cut(change.start, change.end)
        if not runs:
            return False
        if self.is_tracked and change.comment:
            self._comment(runs[0], runs[-1], change.comment)
        if change.new is not None and change.new != old:
            self._replace(change.start, old, change.new)
        return True

    def _replace(self, start: int, old: str, new: str) -> None:
        begin, end = trimmed(old, new)
        goes = self._cut(start + begin, start + len(old) - end) if begin + end < len(old) else []
        fresh = new[begin : len(new) - end]
        if goes:
            anchor = goes[-1]
        else:  # an insertion: after the characters that stay before it, else before those after it
            kept = self._cut(start, start + begin) or self._cut(start + len(old) - end, start + len(old))
            anchor = kept[-1] if begin else kept[0]
        if fresh:
            self._insert(anchor, fresh, is_after=bool(goes) or begin > 0)
        for run in goes:
            self._delete(run)

    def _cut(self, start: int, end: int) -> list[_Element]:
        """Runs that hold exactly [start, end); runs that reach beyond are split, and keep their properties."""
        for piece in self.document.pieces_in(start, end):
            if piece.fixed:
                return []
            if piece.start < start:
                self._split(piece, start - piece.start)
        for piece in self.document.pieces_in(start, end):
            if piece.end > end:
                self._split(piece, end - piece.start)
        return [self._alone(piece) for piece in self.document.pieces_in(start, end)]

    def _split(self, piece: Piece, at: int) -> None:
        """The piece ends at `at`; the rest becomes a piece in a run of its own."""
        place = self.document.pieces.index(piece)
        run = self._alone(piece)
        other = copy.deepcopy(run)
        run.addnext(other)
        node = other.find(w("t"))
        assert node is not None
        _say(node, piece.text[at:])
        _say(piece.node, piece.text[:at])
        rest = Piece(piece.start + at, piece.text[at:], node, other)
        piece.text = piece.text[:at]
        self.document.pieces.insert(place + 1, rest)
        self.document._starts.insert(place + 1, rest.start)

    def _alone(self, piece: Piece) -> _Element:
        """A run that holds nothing but this piece: what stands before and after it moves to runs of its own."""
        run = piece.run
        content = [node for node in run if node.tag != w("rPr")]
        if len(content) == 1:
            return run
        place = content.index(piece.node)
        for nodes, is_before in ((content[:place], True), (content[place + 1 :], False)):
            if not nodes:
                continue
            other = run.makeelement(run.tag, dict(run.attrib))
            if (properties := run.find(w("rPr"))) is not None:
                other.append(copy.deepcopy(properties))
            other.extend(nodes)
            run.addprevious(other) if is_before else run.addnext(other)
            for moved in self.document.pieces:
                if any(moved.node is node for node in nodes):
                    moved.run = other
        return run

    def _insert(self, anchor: _Element, text: str, *, is_after: bool) -> None:
        fresh = anchor.makeelement(w("r"))
        if (properties := anchor.find(w("rPr"))) is not None:
            fresh.append(copy.deepcopy(properties))
        node = fresh.makeelement(w("t"))
        _say(node, text)
        fresh.append(node)
        if self.is_tracked:
            mark = self._mark("ins", anchor)
            mark.append(fresh)
            fresh = mark
        anchor.addnext(fresh) if is_after else anchor.addprevious(fresh)

    def _delete(self, run: _Element) -> None:
        parent = run.getparent()
        assert parent is not None
        if not self.is_tracked:
            parent.remove(run)
            return
        mark = self._mark("del", run)
        parent.replace(run, mark)
        mark.append(run)
        for node in run.iter(w("t")):
            node.tag = w("delText")

    def _mark(self, name: str, near: _Element) -> _Element:
        self._ids += 1
        values = {w("id"): str(self._ids), w("author"): AUTHOR, w("date"): self.now}
        return near.makeelement(w(name), values)

    def _comment(self, first: _Element, last: _Element, text: str) -> None:
        self._ids += 1
        key = {w("id"): str(self._ids)}
        outer_first, outer_last = _outermost(first), _outermost(last)
        outer_first.addprevious(first.makeelement(w("commentRangeStart"), key))
        reference = last.makeelement(w("r"))
        reference.append(last.makeelement(w("commentReference"), key))
        outer_last.addnext(reference)
        outer_last.addnext(last.makeelement(w("commentRangeEnd"), key))
        self._comments.append((self._ids, text))

    def _write_comments(self) -> None:
        from lxml import etree

        root = self.package.xml(COMMENTS)
        if root is None:
            root = etree.Element(w("comments"), nsmap={"w": W})
        for number, text in reversed(self._comments):
            values = {w("id"): str(number), w("author"): AUTHOR, w("date"): self.now, w("initials"): INITIALS}
            comment = etree.SubElement(root, w("comment"), values)
            node = etree.SubElement(etree.SubElement(etree.SubElement(comment, w("p")), w("r")), w("t"))
            _say(node, text)
        self.package.put(COMMENTS, root)
        self.package.register_comments()


def _outermost(run: _Element) -> _Element:
    """The run, or the change or link that holds it: marks of comments stand beside those."""
    node = run
    while (parent := node.getparent()) is not None and parent.tag in (w("ins"), w("hyperlink")):
        node = parent
    return node


def _say(node: _Element, text: str) -> None:
    node.text = "".join(char for char in text if char >= " " or char == "\t")
    if text != text.strip():
        node.set(SPACE, "preserve")


__all__: Sequence[str] = ("Change", "clean", "tracked")
