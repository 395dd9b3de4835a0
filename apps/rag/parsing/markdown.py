"""Markdown by markdown-it's tokens: headings, lists, tables, code; front matter becomes metadata."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from apps.rag.parsing import outline
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import clean, one_line, squeeze
from apps.rag.parsing.tables import cell, markdown
from apps.rag.parsing.text import add_text, read
from apps.rag.types import ParsedDocument

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY_LINE = re.compile(r"^([^\s:#][^:：]{0,60})[:：][ \t]*(.+)$")


def parse_markdown(path: Path) -> ParsedDocument:
    """Raises ParseError: empty, encoding."""
    builder = Builder()
    text = read(path, builder)
    metadata: dict[str, str] = {}
    front = _FRONT_MATTER.match(text)
    if front:
        metadata = _front_matter(front[1])
        text = text[front.end() :]
        builder.add("paragraph", "\n".join(f"{key}: {value}" for key, value in metadata.items()))
    add_markdown(text, builder)
    return builder.document(metadata=metadata)


def _front_matter(block: str) -> dict[str, str]:
    """The flat keys of a YAML head, as text; nested values stay out."""
    pairs = (_KEY_LINE.match(line) for line in block.split("\n"))
    return {match[1].strip(): match[2].strip().strip("\"'") for match in pairs if match}


def add_markdown(text: str, builder: Builder) -> None:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    _Walk(tokens, builder).run()


class _Walk:
    """Goes over markdown-it's flat tokens once."""

    def __init__(self, tokens: list[Token], builder: Builder) -> None:
        self._tokens = tokens
        self._builder = builder
        self._at = 0
        self._lists: list[list[int]] = []  # [next number, or 0 for bullets] a list that is open
        self._marker = ""

    def run(self) -> None:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            handler = getattr(self, f"_on_{token.type}", None)
            self._at += 1
            if handler is not None:
                handler(token)

    def _on_heading_open(self, token: Token) -> None:
        self._builder.heading(one_line(self._inline()), level=int(token.tag[1:]))

    def _on_bullet_list_open(self, token: Token) -> None:
        self._lists.append([0])

    def _on_ordered_list_open(self, token: Token) -> None:
        self._lists.append([int(token.attrGet("start") or 1)])

    def _on_bullet_list_close(self, token: Token) -> None:
        self._lists.pop()

    _on_ordered_list_close = _on_bullet_list_close

    def _on_list_item_open(self, token: Token) -> None:
        number = self._lists[-1]
        self._marker = "- " if not number[0] else f"{number[0]}. "
        number[0] += 1 if number[0] else 0

    def _on_paragraph_open(self, token: Token) -> None:
        text = squeeze(self._inline())
        if not text:
            return
        if self._lists:
            indent = "  " * (len(self._lists) - 1)
            self._builder.add("list", indent + self._marker + text, level=len(self._lists))
            self._marker = ""
            return
        for part in self._paragraphs(text):
            self._builder.add("paragraph", part)

    @staticmethod
    def _paragraphs(text: str) -> list[str]:
        """Articles written on lines of their own without an empty line between stay apart."""
        lines = text.split("\n")
        if not any(outline.starts_block(line) for line in lines[1:]):
            return [text]
        parts: list[str] = []
        for line in lines:
            if parts and not outline.starts_block(line):
                parts[-1] += "\n" + line
            else:
                parts.append(line)
        return parts

    def _on_fence(self, token: Token) -> None:
        self._builder.add("code", clean(token.content))

    _on_code_block = _on_fence

    def _on_html_block(self, token: Token) -> None:
        from lxml import etree, html

        try:
            tree = html.fragment_fromstring(token.content, create_parent="div")
        except (etree.ParserError, ValueError):
            return
        for hidden in tree.xpath(".//script | .//style"):
            hidden.drop_tree()
        add_text(tree.text_content(), self._builder)

    def _on_table_open(self, token: Token) -> None:
        rows: list[list[str]] = []
        while self._tokens[self._at].type != "table_close":
            inner = self._tokens[self._at]
            self._at += 1
            if inner.type == "tr_open":
                rows.append([])
            elif inner.type == "inline":
                rows[-1].append(cell(_plain(inner)))
        self._builder.add("table", markdown(rows))

    def _inline(self) -> str:
        token = self._tokens[self._at]
        self._at += 1
        return _plain(token)


def _plain(token: Token) -> str:
    """Inline text without marks: what a reader sees; images by their alternative text."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "image":
            parts.append(_plain(child))
        elif child.type == "html_inline" and child.content.lower().startswith("<br"):
            parts.append("\n")
    return "".join(parts)
