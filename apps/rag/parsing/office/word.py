"""Word files: headings with their numbers, lists, tables with merged cells, text boxes, notes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from apps.rag.parsing import outline
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import clean, one_line, squeeze
from apps.rag.parsing.office.numbering import Numbering, W
from apps.rag.parsing.office.properties import core_properties
from apps.rag.parsing.office.wordstyles import Style, Styles
from apps.rag.parsing.office.wordtext import blocks, boxes_of, rows_of, text_of
from apps.rag.parsing.tables import is_table, markdown
from apps.rag.parsing.ways import keeps_furniture
from apps.rag.parsing.zipguard import check
from apps.rag.types import ElementKind, ParsedDocument

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_MAX_TITLE = 80
_MAX_DEPTH = 12
_STYLED_HEADINGS = 3
_CONTENTS_LINE = re.compile(r"^.{1,80}?(?:\t|\.{4,}|…{2,}|·{4,})\s*[0-9IVXivx]+$")


def parse_docx(path: Path) -> ParsedDocument:
    """Raises ParseError: password, zip_bomb, corrupt, empty."""
    from docx import Document

    check(path, needs="word/document.xml")
    document = Document(str(path))
    walk = _Walk(document)
    walk.learn(document.element.body)
    if keeps_furniture():
        walk.margins(document, "header")
    walk.container(document.element.body)
    if keeps_furniture():
        walk.margins(document, "footer")
    return walk.builder.document(metadata=core_properties(document.core_properties))


class _Walk:
    def __init__(self, document: Any) -> None:
        self.builder = Builder()
        self._styles = Styles(_root(document.part, "styles"))
        self._numbering = Numbering(_root(document.part, "numbering"))
        self._notes = {
            kind: _notes(_root(document.part, f"{kind}s"), W + kind) for kind in ("footnote", "endnote")
        }
        self._before_body = True
        self._styled = False
        self._margins: set[str] = set()

    def learn(self, body: Any) -> None:
        """Where headings are styled, lines that merely look like headings are left alone."""
        levels = (self._styles.of(node).level for node in body.iter(W + "p"))
        self._styled = sum(level is not None and level > 0 for level in levels) >= _STYLED_HEADINGS

    def container(self, node: Any, *, depth: int = 0) -> None:
        """Every block of a body, cell or text box, in order."""
        if depth > _MAX_DEPTH:
            return
        for block in blocks(node):
            if block.tag == W + "p":
                self._paragraph(block, depth=depth)
            else:
                self._table(block, depth=depth)

    def margins(self, document: Any, kind: str) -> None:
        """The headers or footers of all sections, each text once."""
        for section in document.sections:
            for name in (kind, f"first_page_{kind}", f"even_page_{kind}"):
                part = getattr(section, name)
                if part.is_linked_to_previous:
                    continue  # it has none of its own; asking for its content would make one
                for node in part._element.iter(W + "p"):
                    text = one_line(text_of(node))
                    if text and text not in self._margins:
                        self._margins.add(text)
                        self.builder.add("paragraph", text)

    def _table(self, node: Any, *, depth: int) -> None:
        rows = rows_of(node)
        if is_table(rows):
            self._before_body = False
            self.builder.add("table", markdown(rows))
            return
        for item in node.iter(W + "tc"):  # a frame drawn as a table
            if item.getparent().getparent() is node:
                self.container(item, depth=depth + 1)

    def _paragraph(self, node: Any, *, depth: int) -> None:
        style = self._styles.of(node)
        raw = text_of(node)
        label = self._label(style, has_text=bool(raw.strip()))
        if not style.contents and raw.strip() and not _CONTENTS_LINE.match(raw.strip()):
            self._add(node, style, raw, label)
        for box in boxes_of(node):
            self.container(box, depth=depth + 1)
        self._add_notes(node)

    def _label(self, style: Style, *, has_text: bool) -> str:
        if style.list is None or not has_text:
            return ""
        return self._numbering.label(*style.list) or ""

    def _add(self, node: Any, style: Style, raw: str, label: str) -> None:
        if style.code:
            self.builder.add("code", clean(raw))
            return
        text = squeeze(raw)
        line = one_line(raw)
        numbered = _prefixed(label, line)
        level = style.level or (None if self._styled or label == "•" else outline.heading_level(numbered))
        if style.level == 0 or (self._before_body and level is None and _is_title(node, line)):
            self.builder.add("title", line)
        elif level is not None:
            self._before_body = False
            self.builder.heading(numbered, level=level)
        else:
            self._before_body = False
            depth = style.list[1] + 1 if style.list else None
            kind: ElementKind = "list" if style.list or outline.is_bullet(text) else "paragraph"
            self.builder.add(kind, _prefixed("-" if label == "•" else label, text), level=depth)

    def _add_notes(self, node: Any) -> None:
        for kind, notes in self._notes.items():
            for reference in node.iter(W + f"{kind}Reference"):
                text = notes.get(reference.get(W + "id") or "")
                if text:
                    self.builder.add("paragraph", text)


def _prefixed(label: str, text: str) -> str:
    return f"{label} {text}" if label else text


def _is_title(node: Any, line: str) -> bool:
    """A short centred line above all body text, as the title of an official document stands."""
    alignment = node.find(f"{W}pPr/{W}jc")
    centred = alignment is not None and alignment.get(W + "val") == "center"
    return centred and len(line) <= _MAX_TITLE and line[-1:] not in "。；，"


def _root(part: Any, kind: str) -> Any | None:
    """The XML root of a related part ("styles", "footnotes"), None where the file has none."""
    from docx.oxml.parser import parse_xml

    for relation in part.rels.values():
        if relation.reltype == _RELATION + kind and not relation.is_external:
            return parse_xml(relation.target_part.blob)
    return None


def _notes(root: Any | None, tag: str) -> dict[str, str]:
    if root is None:
        return {}
    kept = (node for node in root.findall(tag) if node.get(W + "type") in (None, "normal"))
    return {node.get(W + "id"): one_line(" ".join(text_of(p) for p in node.iter(W + "p"))) for node in kept}
