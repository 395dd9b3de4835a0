"""Reads a source: YAML front matter, then Markdown as a flat list of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

BlockKind = Literal["heading", "paragraph", "caption", "quote", "bullet", "number", "table", "break"]
MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """`level` is a heading's level; `first` is set on the first item of a list; `rows` holds a
    table's cells, the header row first. A caption is a paragraph that is emphasis as a whole."""

    kind: BlockKind
    runs: tuple[Run, ...] = ()
    level: int = 0
    first: bool = False
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Source:
    path: Path
    meta: Mapping[str, str]
    body: str

    @property
    def blocks(self) -> list[Block]:
        return list(_blocks(SyntaxTreeNode(MARKDOWN.parse(self.body))))


def read_source(path: Path) -> Source:
    """Raises ValueError where the front matter is missing."""
    opening, _, rest = path.read_text(encoding="utf-8").partition("---\n")
    meta, divider, body = rest.partition("\n---\n")
    if opening or not divider:
        raise ValueError(f"{path.name} does not begin with front matter between two --- lines")
    fields = yaml.safe_load(meta)
    return Source(path, {key: str(value) for key, value in fields.items()}, body.strip() + "\n")


def _blocks(root: SyntaxTreeNode) -> Iterator[Block]:
    for node in root.children:
        if node.type == "heading":
            yield Block("heading", _runs(node), level=int(node.tag[1]))
        elif node.type == "paragraph":
            runs = _runs(node)
            yield Block("caption" if all(run.italic for run in runs) else "paragraph", runs)
        elif node.type == "blockquote":
            yield from (Block("quote", (Run(line),)) for line in _lines(node))
        elif node.type in {"bullet_list", "ordered_list"}:
            yield from _items(node)
        elif node.type == "table":
            yield Block("table", rows=_rows(node))
        elif node.type == "hr":
            yield Block("break")
        else:
            raise ValueError(f"a source may not hold a {node.type}")


def _items(node: SyntaxTreeNode) -> Iterator[Block]:
    kind: BlockKind = "bullet" if node.type == "bullet_list" else "number"
    for index, item in enumerate(node.children):
        yield Block(kind, _runs(item.children[0]), first=index == 0)


def _rows(table: SyntaxTreeNode) -> tuple[tuple[str, ...], ...]:
    rows = [row for part in table.children for row in part.children]
    return tuple(tuple("".join(run.text for run in _runs(cell)) for cell in row.children) for row in rows)


def _lines(quote: SyntaxTreeNode) -> list[str]:
    return "\n".join(child.children[0].content for child in quote.children).splitlines()


def _runs(node: SyntaxTreeNode) -> tuple[Run, ...]:
    inline = node.children[0] if node.children else None
    if inline is None:
        return ()
    return tuple(_run(child) for child in inline.children)


def _run(node: SyntaxTreeNode) -> Run:
    text = "".join(leaf.content for leaf in node.walk() if leaf.type == "text")
    return Run(text, bold=node.type == "strong", italic=node.type == "em")
