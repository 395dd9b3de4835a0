"""OpenDocument text: headings by their outline level, lists, tables, notes, text boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apps.rag.parsing import outline
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import clean, one_line, squeeze
from apps.rag.parsing.odf.package import DRAW, STYLE, TABLE, TEXT, Package, count, load, paragraph_text
from apps.rag.parsing.odf.tables import rows_of
from apps.rag.parsing.tables import is_table, markdown
from apps.rag.types import ParsedDocument

_CONTENTS = frozenset(
    TEXT + name
    for name in (
        "table-of-content illustration-index table-index alphabetical-index user-index object-index bibliography"
        " tracked-changes sequence-decls variable-decls user-field-decls"
    ).split()
)
_MAX_DEPTH = 40


def parse_odt(path: Path) -> ParsedDocument:
    """Raises ParseError: password, zip_bomb, corrupt, empty."""
    package = load(path)
    builder = Builder()
    _Text(package, builder).container(package.body("text"), depth=0, list_level=0)
    return builder.document(metadata=package.metadata)


class _Text:
    def __init__(self, package: Package, builder: Builder) -> None:
        self._builder = builder
        self._parents = _style_parents(package)
        self._outlined = next(package.content.iter(TEXT + "h"), None) is not None

    def container(self, node: Any, *, depth: int, list_level: int) -> None:
        """Everything below a node that holds paragraphs, in order."""
        if depth > _MAX_DEPTH:
            return
        for child in node:
            if child.tag in (TEXT + "p", TEXT + "h"):
                self._paragraph(child, depth=depth, list_level=list_level)
            elif child.tag == TABLE + "table":
                self._table(child, depth=depth)
            elif child.tag == TEXT + "list":
                self.container(child, depth=depth + 1, list_level=list_level + 1)
            elif child.tag not in _CONTENTS:
                self.container(child, depth=depth + 1, list_level=list_level)

    def _paragraph(self, node: Any, *, depth: int, list_level: int) -> None:
        style = self._style(node.get(TEXT + "style-name") or "")
        raw = paragraph_text(node)
        line = one_line(raw)
        level = self._level(node, style, line)
        if style == "Title":
            self._builder.add("title", line)
        elif level is not None:
            self._builder.heading(line, level=level)
        elif style.startswith("Preformatted"):
            self._builder.add("code", clean(raw))
        elif list_level:
            self._builder.add("list", f"{'  ' * (list_level - 1)}- {line}" if line else "", level=list_level)
        else:
            text = squeeze(raw)
            self._builder.add("list" if outline.is_bullet(text) else "paragraph", text)
        self._inside(node, depth=depth)

    def _level(self, node: Any, style: str, line: str) -> int | None:
        if node.tag == TEXT + "h":
            return count(node, TEXT + "outline-level")
        if style.startswith("Heading_20_") and style[11:].isdigit():
            return int(style[11:]) or None
        return None if self._outlined else outline.heading_level(line)

    def _inside(self, node: Any, *, depth: int) -> None:
        """Text boxes and notes that hang on a paragraph follow it."""
        for child in node.iter(DRAW + "text-box", DRAW + "custom-shape", TEXT + "note-body"):
            owner = next(child.iterancestors(TEXT + "p", TEXT + "h"), None)
            if owner is node:
                self.container(child, depth=depth + 1, list_level=0)

    def _table(self, node: Any, *, depth: int) -> None:
        rows = rows_of(node)
        if is_table(rows):
            self._builder.add("table", markdown(rows))
        else:
            self.container(node, depth=depth + 1, list_level=0)  # a frame drawn as a table

    def _style(self, name: str) -> str:
        """The named style that an automatic style stands for."""
        for _ in range(10):
            if (
                name == "Title"
                or name.startswith(("Heading_20_", "Preformatted"))
                or name not in self._parents
            ):
                return name
            name = self._parents[name]
        return name


def _style_parents(package: Package) -> dict[str, str]:
    found: dict[str, str] = {}
    for root in (package.styles, package.content):
        if root is None:
            continue
        for style in root.iter(STYLE + "style"):
            name, parent = style.get(STYLE + "name"), style.get(STYLE + "parent-style-name")
            if name and parent:
                found[name] = parent
    return found
