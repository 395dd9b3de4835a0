"""Plain text: paragraphs at empty lines, hard wraps undone, Chinese headings told by their form."""

from __future__ import annotations

import re
from pathlib import Path

from apps.rag.encoding import Decoded, decode
from apps.rag.parsing import outline
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import clean, is_cjk, join_lines, one_line
from apps.rag.parsing.notes import note
from apps.rag.types import ParsedDocument

_WRAPPED = 40  # columns; a text of shorter lines is not hard-wrapped
_UNDERLINE = re.compile(r"^([=\-~*])\1{2,}$")
_RULE = re.compile(r"^[\W_]{3,}$")


def parse_text(path: Path) -> ParsedDocument:
    """Raises ParseError: empty, encoding."""
    builder = Builder()
    add_text(read(path, builder), builder)
    return builder.document()


def read(path: Path, builder: Builder, *, declared: str | None = None) -> str:
    """The file's text, with a warning where its encoding is a guess."""
    decoded = decode(path.read_bytes(), declared=declared)
    warn_encoding(decoded, builder)
    return clean(decoded.text)


def warn_encoding(decoded: Decoded, builder: Builder) -> None:
    if not decoded.confident:
        builder.warn(note("encoding", encoding=decoded.encoding))


def add_text(text: str, builder: Builder) -> None:
    """Add plain text below the present headings."""
    lines = clean(text).split("\n")
    wrapped = _hard_wrapped(lines)
    block: list[str] = []
    for line in [*lines, ""]:
        stripped = line.strip()
        if block and (not stripped or _opens(stripped, line) or not wrapped):
            _add_block(block, builder)
            block = []
        if stripped:
            block.append(stripped)


def _opens(stripped: str, line: str) -> bool:
    """A line that cannot continue the one above: numbered, or indented as Chinese paragraphs are."""
    return (
        outline.starts_block(stripped)
        or line.startswith(("　　", "    "))
        or bool(_UNDERLINE.match(stripped))
    )


def _hard_wrapped(lines: list[str]) -> bool:
    """Whether line breaks are those of an old mail program: many lines of nearly the same width."""
    widths = [_width(line) for line in lines if line.strip()]
    if len(widths) < 8:
        return False
    longest = sorted(widths)[int(len(widths) * 0.95)]
    near = sum(width > longest * 0.8 for width in widths)
    return _WRAPPED < longest <= 120 and near * 2 > len(widths)


def _width(line: str) -> int:
    return sum(2 if is_cjk(char) else 1 for char in line.rstrip())


def _add_block(lines: list[str], builder: Builder) -> None:
    if len(lines) == 1 and _RULE.match(lines[0]) and not any(char.isalnum() for char in lines[0]):
        return  # a drawn line
    text = one_line(join_lines(lines))
    level = outline.heading_level(text) if len(lines) == 1 else None
    if level is not None:
        builder.heading(text, level=level)
    else:
        builder.add("list" if outline.is_bullet(text) else "paragraph", text)
