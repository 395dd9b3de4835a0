"""Opens a workbook without its table of strings in memory: that table alone can be larger than the file."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, BinaryIO

_HELD = 16 * 1024 * 1024  # bytes of strings; above, they lie on the disk
_REMEMBERED = 20_000  # strings that come up again


class Strings:
    """The shared strings of a workbook by number, as openpyxl asks for them."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115 - closed by close()
        self._ends = array("Q")
        self._at = lru_cache(maxsize=_REMEMBERED)(self._read)

    def append(self, text: str) -> None:
        self._file.write(text.encode("utf-8", errors="surrogatepass"))
        self._ends.append(self._file.tell())

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> str:
        return self._at(number)

    def _read(self, number: int) -> str:
        end = self._ends[number]
        start = self._ends[number - 1] if number > 0 else 0
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", errors="surrogatepass")

    def close(self) -> None:
        self._file.close()


@contextmanager
def opened(file: BinaryIO) -> Iterator[Any]:
    """The workbook in openpyxl's read-only mode. Raises what openpyxl does."""
    from openpyxl.cell.text import Text
    from openpyxl.packaging.manifest import Manifest
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    strings = Strings()

    class Reader(ExcelReader):  # type: ignore[misc, unused-ignore]
        package: Manifest

        def read_strings(self) -> None:
            self.shared_strings = strings
            part = self.package.find(SHARED_STRINGS)
            if part is None:
                return
            with self.archive.open(part.PartName[1:]) as source:
                root = None
                for event, node in iterparse(source, events=("start", "end")):
                    if root is None:
                        root = node
                    elif event == "end" and node.tag == f"{{{SHEET_MAIN_NS}}}si":
                        strings.append(Text.from_tree(node).content.replace("x005F_", ""))
                        root.clear()  # with the string itself, which it would keep as an empty element

    reader = Reader(file, read_only=True, data_only=True, keep_links=False)
    try:
        reader.read()
        yield reader.wb
    finally:
        reader.archive.close()
        strings.close()
