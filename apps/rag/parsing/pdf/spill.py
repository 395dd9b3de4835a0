"""The lines of all pages on disk: page furniture and type sizes are told from the whole file, so each page is
looked at again, and a long file must not be held for that."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from types import TracebackType

import orjson

from apps.rag.parsing.pdf.lines import Line

_HELD = 8 * 1024 * 1024  # bytes; a short document never touches the disk


class PageLines:
    """Append pages in order, then read them in order as often as needed. Belongs in a `with`."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115 - closed by __exit__
        self._ends = array("Q")
        self.filled = 0  # pages that have a line

    def __enter__(self) -> PageLines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, lines: list[Line]) -> None:
        rows = [(line.text, line.x0, line.y0, line.x1, line.y1, line.size, line.bold) for line in lines]
        self._file.seek(self._ends[-1] if self._ends else 0)
        self._file.write(orjson.dumps(rows))
        self._ends.append(self._file.tell())
        self.filled += bool(lines)

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[list[Line]]:
        start = 0
        for end in self._ends:
            self._file.seek(start)
            yield [Line(*row) for row in orjson.loads(self._file.read(end - start))]
            start = end
