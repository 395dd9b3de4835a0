"""The visible text of WordprocessingML: without deleted or hidden text, fields and doubles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.rag.parsing.clean import one_line
from apps.rag.parsing.office.numbering import W
from apps.rag.parsing.tables import Rows, cell

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIPPED = frozenset(
    (
        W + "del",
        W + "moveFrom",
        W + "instrText",
        W + "delText",
        W + "pPr",
        W + "txbxContent",
        W + "delInstrText",
    )
)
_TEXT = frozenset((W + "t", M + "t"))
_BREAKS = frozenset((W + "br", W + "cr"))
_WRAPPERS = frozenset((W + "sdt", W + "sdtContent", W + "ins", W + "moveTo", W + "customXml", W + "smartTag"))
_MAX_DEPTH = 60


def text_of(paragraph: Any) -> str:
    """One paragraph's text; line breaks inside it stay."""
    return "".join(_pieces(paragraph, depth=0))


def _pieces(node: Any, *, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    for child in _children(node):
        tag = child.tag
        if tag in _TEXT:
            yield child.text or ""
        elif tag in _BREAKS:
            yield "\n" if child.get(W + "type") in (None, "textWrapping") else ""
        elif tag in (W + "tab", W + "ptab"):
            yield " "
        elif tag == W + "noBreakHyphen":
            yield "-"
        elif tag == W + "sym":
            yield _symbol(child)
        elif tag not in _SKIPPED and not (tag == W + "r" and _hidden(child)):
            yield from _pieces(child, depth=depth + 1)


def _children(node: Any) -> Iterator[Any]:
    """Children with one branch of each alternative (a text box is stored twice)."""
    for child in node:
        if not isinstance(child.tag, str):
            continue  # comments, processing instructions
        if child.tag == MC + "AlternateContent":
            choice = child.find(MC + "Choice")
            fallback = child.find(MC + "Fallback")
            yield from (
                () if choice is None and fallback is None else (choice if choice is not None else fallback,)
            )
        else:
            yield child


def _hidden(run: Any) -> bool:
    properties = run.find(W + "rPr")
    mark = properties.find(W + "vanish") if properties is not None else None
    return mark is not None and mark.get(W + "val") not in ("0", "false", "off")


def _symbol(node: Any) -> str:
    code = node.get(W + "char") or ""
    marks = {"F0FE": "☑", "F0FD": "☒", "F0A8": "☐", "F06F": "☐", "F052": "☑"}
    return marks.get(code.upper(), "")


def boxes_of(paragraph: Any) -> Iterator[Any]:
    """The contents (w:txbxContent) of text boxes anchored in a paragraph, each once."""
    stack = list(_children(paragraph))[::-1]
    while stack:
        node = stack.pop()
        if node.tag == W + "txbxContent":
            yield node
        elif node.tag not in (W + "del", W + "moveFrom"):
            stack.extend(list(_children(node))[::-1])


def blocks(container: Any) -> Iterator[Any]:
    """The w:p and w:tbl of a body, cell or text box, content controls opened."""
    for child in _children(container):
        if child.tag in (W + "p", W + "tbl"):
            yield child
        elif child.tag in _WRAPPERS or child.tag in (MC + "Choice", MC + "Fallback"):
            yield from blocks(child)


def cell_text(container: Any) -> str:
    """All text of a table cell, inner tables flattened, as one Markdown cell."""
    parts = [
        one_line(text_of(paragraph))
        for paragraph in container.iter(W + "p")
        if not any(parent.tag == MC + "Fallback" for parent in paragraph.iterancestors())
    ]
    return cell("\n".join(filter(None, parts)).replace("\n", " "))


def rows_of(table: Any) -> Rows:
    """The grid of a table. A value merged downwards stands in each row it covers; one merged
    sideways stands once, but in the first row over every column, as a header needs."""
    rows: Rows = []
    for row in _wrapped(table, W + "tr"):
        values: list[str] = [""] * _skipped(row, "gridBefore")
        for item in _wrapped(row, W + "tc"):
            properties = item.find(W + "tcPr")
            span = _number(properties, "gridSpan", 1)
            if _continues(properties):
                above = rows[-1][len(values) : len(values) + span] if rows else []
                values += [*above, *[""] * (span - len(above))]
            else:
                text = cell_text(item)
                values += [text, *[text if not rows else ""] * (span - 1)]
        rows.append(values)
    return rows


def _wrapped(parent: Any, tag: str) -> Iterator[Any]:
    for child in _children(parent):
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _wrapped(child, tag)


def _number(properties: Any | None, name: str, default: int) -> int:
    node = properties.find(W + name) if properties is not None else None
    value = node.get(W + "val") if node is not None else None
    return min(int(value), 200) if value is not None and value.isdigit() else default


def _skipped(row: Any, name: str) -> int:
    return _number(row.find(W + "trPr"), name, 0)


def _continues(properties: Any | None) -> bool:
    merge = properties.find(W + "vMerge") if properties is not None else None
    return merge is not None and merge.get(W + "val") in (None, "continue")
