"""Prepares a page for reading: what is not shown or is navigation goes, layout tables are opened."""

from __future__ import annotations

import re
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing.clean import one_line
from apps.rag.parsing.tables import Rows, cell, is_table

_DROPPED = (
    "script style noscript template svg canvas iframe object embed applet audio video map head link meta"
    " button select option datalist input textarea dialog ix:header ix:hidden"
).split()
_NAVIGATION = (
    ".//nav | .//footer[not(ancestor::article)] | .//*[@role='navigation' or @role='search' or @role='menu'"
    " or @role='menubar' or @role='contentinfo' or @role='banner' or @role='alertdialog']"
    " | .//*[contains(concat(' ', @class, ' '), ' skip-link ') or contains(@class, 'breadcrumb')"
    " or contains(@class, 'skip-to') or contains(@id, 'skip-link') or contains(@class, 'visually-hidden')]"
)
_HIDDEN = (
    ".//*[@hidden or @aria-hidden='true' or contains(translate(@style, ' ', ''), 'display:none')"
    " or contains(translate(@style, ' ', ''), 'visibility:hidden')]"
)
_BREAKING = frozenset("br p div li tr td th ul ol h1 h2 h3 h4 h5 h6 blockquote pre".split())
_LONG_CELL = 400  # characters; cells of this size lay a page out, they do not tabulate
_MAX_SPAN = 100
PARAGRAPH = "\ue001"  # private use: an empty line made of <br>
MARK = "\ue000"  # private use: wraps the number of a table that was taken out of the page


def parse_tree(markup: str) -> Any:
    """The page's lxml tree. Raises ParseError for what has no element at all."""
    from lxml import etree, html

    markup = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup, count=1)  # its encoding is settled already
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return html.document_fromstring(markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(f"no readable HTML: {error}", code="empty") from error


def prepare(tree: Any) -> list[Rows]:
    """Clean a tree in place. Data tables are replaced by marked paragraphs and returned."""
    title = one_line(tree.findtext(".//title") or "")
    _drop(tree, "|".join(f".//{name}" for name in _DROPPED if ":" not in name))
    _drop(tree, ".//*[name()='ix:header' or name()='ix:hidden']")
    _drop(tree, _HIDDEN)
    navigation = tree.xpath(_NAVIGATION)
    total = len(one_line(tree.text_content()))
    lost = sum(len(one_line(node.text_content())) for node in navigation)
    if lost * 2 < total or total > 4000:  # a page that is mostly "navigation" is marked up wrongly
        _drop(tree, _NAVIGATION)
        _drop_link_lists(tree)
    _mark_paragraphs(tree)
    tables = _take_tables(tree)
    tree.set("data-title", title)
    return tables


def _drop(tree: Any, path: str) -> None:
    for node in tree.xpath(path):
        if node.getparent() is not None:
            node.drop_tree()


def _drop_link_lists(tree: Any) -> None:
    """Menus that are no <nav>: lists of five links or more that hold hardly anything else."""
    for node in tree.xpath(".//ul[count(.//a) >= 5]"):
        if node.getparent() is None:
            continue
        text = len("".join(node.text_content().split()))
        linked = sum(len("".join(link.text_content().split())) for link in node.iter("a"))
        links = len(node.findall(".//a"))
        if (
            linked * 10 >= text * 9
            and text < links * 30
            and not node.xpath("ancestor::article or ancestor::main")
        ):
            node.drop_tree()


def _mark_paragraphs(tree: Any) -> None:
    """<br><br> is the paragraph mark of old pages; the reader splits the text there."""
    for node in tree.iter("br"):
        following = node.getnext()
        if following is not None and following.tag == "br" and not (node.tail or "").strip():
            node.tail = PARAGRAPH


def _take_tables(tree: Any) -> list[Rows]:
    taken: list[Rows] = []
    for table in reversed(list(tree.iter("table"))):  # inner tables before the outer
        if table.getparent() is None:
            continue
        rows = table_rows(table)
        if _is_layout(table, rows):
            _open(table)
        else:
            _replace(table, f"{MARK}{len(taken)}{MARK}")
            taken.append(rows)
    return taken


def _is_layout(table: Any, rows: Rows) -> bool:
    if table.get("role") == "presentation" or not is_table(rows):
        return True
    if table.find(".//th") is not None or table.find(".//thead") is not None:
        return False
    text = table.text_content()
    if MARK in text:
        return True  # holds a data table
    heads = table.xpath(".//h1 | .//h2 | .//h3 | .//ul | .//pre")
    longest = max((len(value) for row in rows for value in row), default=0)
    return bool(heads) or longest > _LONG_CELL * 4 or (longest > _LONG_CELL and len(rows) < 3)


def _open(table: Any) -> None:
    """A layout table becomes a flow of blocks."""
    for node in list(table.iter("tr", "td", "th", "tbody", "thead", "tfoot", "caption", "colgroup", "col")):
        if node.xpath("count(ancestor::table)") == table.xpath("count(ancestor::table)") + 1:
            node.tag = "div"
    table.tag = "div"


def _replace(table: Any, text: str) -> None:
    tail, caption = table.tail, table.find("caption")
    label = one_line(caption.text_content()) if caption is not None else ""
    for child in list(table):
        table.remove(child)
    table.tag, table.text, table.tail = "p", text, tail
    table.attrib.clear()
    if label:
        before = table.makeelement("p")
        before.text = label
        table.addprevious(before)


def table_rows(table: Any) -> Rows:
    """The grid of a table, spans opened: a value stands in each row it covers, and over each
    column in the first row."""
    rows: Rows = []
    pending: dict[tuple[int, int], str] = {}
    lines = [node for node in table.iter("tr") if next(node.iterancestors("table")) is table]
    for number, line in enumerate(lines):
        values: list[str] = []
        for item in line.iterchildren("td", "th"):
            while (number, len(values)) in pending:
                values.append(pending.pop((number, len(values))))
            text = cell(_cell_text(item))
            across, down = _span(item, "colspan"), _span(item, "rowspan")
            for offset in range(across):
                shown = text if not offset or not number else ""
                for below in range(1, down):
                    pending[(number + below, len(values))] = shown
                values.append(shown)
        while (number, len(values)) in pending:
            values.append(pending.pop((number, len(values))))
        rows.append(values)
    return rows


def _cell_text(item: Any) -> str:
    """Text with blanks where tags break lines."""
    parts = [item.text or ""]
    for child in item:
        broken = " " if child.tag in _BREAKING else ""
        parts += [broken, _cell_text(child), broken, child.tail or ""]
    return "".join(parts)


def _span(item: Any, name: str) -> int:
    value = (item.get(name) or "1").strip()
    return min(max(int(value), 1), _MAX_SPAN) if value.isascii() and value.isdigit() else 1
