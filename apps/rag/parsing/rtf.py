"""RTF: text by striprtf; headings and tables by marks that are put into the source before it.

striprtf keeps neither outline levels nor cells apart from bars in the text. Its own reading of
groups decides what is shown, so a mark inside something hidden (the style sheet) vanishes with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from apps.rag.errors import ParseError
from apps.rag.parsing import outline
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line, squeeze
from apps.rag.parsing.tables import Rows, cell, is_table, markdown
from apps.rag.types import ParsedDocument

_RESET, _LEVEL, _CELL, _ROW, _ROW_START = "\x11", "\x12", "\x13", "\x14", "\x15"
_MARKS = re.compile("[\x11-\x15]")
_RAW_BYTE = re.compile(rb"[\x80-\xff]")
_HEX_DATA = re.compile(rb"[0-9a-fA-F\s]{2000,}")  # pictures; nothing that is read stands in them
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{3,5})")
_STYLE = re.compile(
    r"\{\\s(\d{1,4})(?!\d)[^{}]{0,600}?(?:heading|\\'b1\\'ea\\'cc\\'e2|标题)\s*(\d)\s*;", re.IGNORECASE
)
_OUTLINE_STYLE = re.compile(r"\{\\s(\d{1,4})(?!\d)[^{};]{0,600}?\\outlinelevel([0-8])(?!\d)")
_CONTROLS = re.compile(r"\\(pard|outlinelevel|s|cell|nestcell|row|nestrow|trowd)(\d{1,4})?(?![a-z0-9]) ?")
_LEVELS = re.compile(f"{_LEVEL}(\\d)")


def parse_rtf(path: Path) -> ParsedDocument:
    """Raises ParseError: corrupt, empty."""
    from striprtf.striprtf import rtf_to_text

    data = path.read_bytes()
    if not data.lstrip().startswith(b"{\\rtf"):
        raise ParseError("no RTF mark", code="corrupt")
    if data.rstrip(b"\x00 \r\n\t")[-1:] != b"}":
        raise ParseError("the file is cut off", code="corrupt")
    page = _CODE_PAGE.search(data[:4096])
    marked = _marked(_as_ascii(data))
    to_text: Callable[..., str] = rtf_to_text
    text = to_text(marked, encoding=_encoding(page[1].decode() if page else ""), errors="replace")
    builder = Builder()
    _Reader(builder).add(text)
    return builder.document()


def _as_ascii(data: bytes) -> str:
    """Old writers put bytes of their code page into the text where \\'hh belongs."""
    data = _HEX_DATA.sub(b"", data)
    return _RAW_BYTE.sub(lambda match: b"\\'%02x" % match[0][0], data).decode("ascii")


def _encoding(page: str) -> str:
    import codecs

    name = {"936": "gb18030", "65001": "utf-8", "10000": "mac_roman"}.get(page, f"cp{page or 1252}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def _marked(source: str) -> str:
    levels = {number: int(level) for number, level in _OUTLINE_STYLE.findall(source)}
    levels |= {number: int(level) - 1 for number, level in _STYLE.findall(source) if level != "0"}

    def mark(match: re.Match[str]) -> str:
        name, number = match[1], match[2] or ""
        if name == "pard":
            return f"\\pard {_RESET}"
        if name == "outlinelevel":
            return (
                f"\\outlinelevel{number} {_LEVEL}{number}" if number in "012345678" and number else match[0]
            )
        if name == "s":
            return f"\\s{number} {_LEVEL}{levels[number]}" if number in levels else match[0]
        if name == "trowd":
            return f"\\trowd {_ROW_START}"
        return _CELL if name.endswith("cell") else f"{_ROW}\\par "

    return _CONTROLS.sub(mark, source)


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._level: int | None = None
        self._table: Rows = []

    def add(self, text: str) -> None:
        """Everything in order: paragraphs, and rows gathered to tables."""
        *parts, rest = text.split(_ROW)
        for part in parts:
            before, row = _split_row(part)
            self._paragraphs(before)
            self._table.append([cell(_MARKS.sub("", _LEVELS.sub("", value))) for value in row])
        self._paragraphs(rest)
        self._end_table()

    def _paragraphs(self, text: str) -> None:
        for raw in text.split("\n"):
            levels = _LEVELS.findall(raw)
            if levels:
                self._level = int(levels[-1]) + 1
            elif _RESET in raw:
                self._level = None
            line = _MARKS.sub("", _LEVELS.sub("", raw))
            if line.strip():
                self._end_table()
                self._add(one_line(line), squeeze(line))

    def _add(self, line: str, text: str) -> None:
        level = self._level or outline.heading_level(line)
        if level is not None:
            self._builder.heading(line, level=level)
        else:
            self._builder.add("list" if outline.is_bullet(text) else "paragraph", text)

    def _end_table(self) -> None:
        rows, self._table = self._table, []
        if is_table(rows):
            self._builder.add("table", markdown(rows))
        else:  # a frame drawn as a table
            for row in rows:
                for value in row:
                    self._builder.add("paragraph", value.replace("\\|", "|"))


def _split_row(part: str) -> tuple[str, list[str]]:
    """The paragraphs above a row, and the row's cells."""
    start = part.find(_ROW_START)
    if start < 0 or _CELL not in part[start:]:
        first = part.find(_CELL)
        start = part.rfind("\n", 0, first) + 1 if first >= 0 else len(part)
    return part[:start], part[start:].split(_CELL)[:-1]
