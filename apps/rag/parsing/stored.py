"""The elements of a document on disk: one JSON object, an element a line, what concerns the whole at its end.

So it is written while a file is read, sent as it is to whoever asks for the content, and read back element by
element: neither a parser nor a page holds a long document.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, overload

import orjson

from apps.rag.errors import ParseError
from apps.rag.parsing.serial import (
    document_from_json,
    element_from_json,
    element_to_json,
    summary_from_json,
    summary_to_json,
)
from apps.rag.types import Element, ParsedDocument

_FIRST = b'{"elements":[\n'
_LAST = b"\n],"
_LONGEST = 64 * 1024 * 1024  # bytes of a line; the child that wrote it is not trusted
_TAIL = 256 * 1024


class ElementsWriter:
    """Takes the elements in order, then `close` with the document they belong to. Not closed, it is no JSON."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(_FIRST)
        self.count = 0

    def add(self, element: Element) -> None:
        if self.count:
            self._file.write(b",\n")
        self._file.write(element_to_json(element))
        self.count += 1

    def close(self, document: ParsedDocument) -> None:
        """`document` without its elements."""
        with self._file:
            self._file.write(_LAST + summary_to_json(document)[1:])


def elements_in(path: Path) -> Iterator[Element]:
    """The elements in order. Raises ParseError(code="crashed") for what is no such file."""
    with path.open("rb") as file:
        if file.readline(len(_FIRST)) != _FIRST:
            yield from document_from_json(path.read_bytes()).elements  # written before files were streamed
            return
        while line := _line(file):
            if line.startswith(b"],"):
                return
            yield _element(line)
    raise ParseError("the elements end too early", code="crashed")


def summary_in(path: Path) -> ParsedDocument:
    """What concerns the whole document, `elements` left empty. Raises as `elements_in`."""
    with path.open("rb") as file:
        if file.readline(len(_FIRST)) != _FIRST:
            return replace(document_from_json(path.read_bytes()), elements=())
        size = file.seek(0, 2)
        reach = _TAIL
        while True:
            file.seek(max(0, size - reach))
            data = file.read()
            at = data.rfind(_LAST)
            if at >= 0:
                return summary_from_json(b"{" + data[at + len(_LAST) :])
            if reach >= min(size, _LONGEST):
                raise ParseError("the elements have no end", code="crashed")
            reach *= 4


class StoredElements(Sequence[Element]):
    """The elements of a file, each read when it is asked for; a few bytes an element are held. Pages of the
    elements are known without reading them (0: none)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._starts, self.pages = array("Q"), array("L")
        place = len(_FIRST)
        with path.open("rb") as file:
            if file.readline(len(_FIRST)) != _FIRST:
                raise ParseError("not a file of streamed elements", code="crashed")
            while (line := _line(file)) and not line.startswith(b"],"):
                self._starts.append(place)
                self.pages.append(_page(line))
                place += len(line)

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Element: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Element]: ...

    def __getitem__(self, index: int | slice) -> Element | Sequence[Element]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        with self._path.open("rb") as file:
            file.seek(self._starts[index])
            return _element(_line(file))

    def __iter__(self) -> Iterator[Element]:
        return elements_in(self._path)


def stored_in(path: Path) -> Sequence[Element]:
    """The elements of a file, read when they are asked for."""
    with path.open("rb") as file:
        streamed = file.readline(len(_FIRST)) == _FIRST
    return StoredElements(path) if streamed else tuple(elements_in(path))


def _line(file: BinaryIO) -> bytes:
    line = file.readline(_LONGEST)
    if len(line) == _LONGEST:
        raise ParseError("an element is too long", code="crashed")
    return line


def _element(line: bytes) -> Element:
    return element_from_json(line.rstrip(b",\n"))


def _page(line: bytes) -> int:
    try:
        return int(orjson.loads(line.rstrip(b",\n")).get("page") or 0)
    except (ValueError, AttributeError, TypeError) as error:
        raise ParseError(f"unreadable element: {error}", code="crashed") from error
