"""HTML and MHTML: cleaned with lxml, partitioned by unstructured, tables read with their spans."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

from apps.rag.encoding import decode
from apps.rag.errors import ParseError
from apps.rag.parsing import htmlclean, outline
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import clean, join_lines, one_line, squeeze
from apps.rag.parsing.partition import Part, html_parts
from apps.rag.parsing.tables import Rows, markdown
from apps.rag.parsing.text import warn_encoding
from apps.rag.types import ParsedDocument

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_\-]+)""", re.IGNORECASE)
_MARKED = re.compile(f"{htmlclean.MARK}(\\d+){htmlclean.MARK}")
_OUR_MARKS = dict.fromkeys(map(ord, htmlclean.MARK + htmlclean.PARAGRAPH))
_HEADING_LIMIT = 120


def parse_html(path: Path) -> ParsedDocument:
    """Raises ParseError: empty, encoding."""
    builder = Builder()
    metadata = add_html(path.read_bytes(), builder)
    return builder.document(metadata=metadata)


def parse_mhtml(path: Path) -> ParsedDocument:
    """The archive's page; its other parts (pictures, styles) are not read. Raises ParseError: empty,
    encoding, corrupt."""
    data = path.read_bytes()
    message = email.message_from_bytes(data, policy=email.policy.default)
    page = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    if page is None or not isinstance(page, EmailMessage):
        raise ParseError("the archive holds no page", code="corrupt")
    payload = page.get_payload(decode=True)
    builder = Builder()
    metadata = add_html(
        payload if isinstance(payload, bytes) else b"", builder, declared=page.get_content_charset()
    )
    return builder.document(metadata=metadata)


def add_html(data: bytes, builder: Builder, *, declared: str | None = None) -> dict[str, str]:
    """Add a page below the present headings; returns its metadata (title)."""
    if not data.strip():
        return {}
    meta = _META_CHARSET.search(data[:4096])
    decoded = decode(data, declared=declared or (meta[1].decode("ascii") if meta else None))
    warn_encoding(decoded, builder)
    return add_markup(decoded.text, builder)


def add_markup(markup: str, builder: Builder) -> dict[str, str]:
    from lxml import html

    tree = htmlclean.parse_tree(markup.translate(_OUR_MARKS))
    tables = htmlclean.prepare(tree)
    title = tree.attrib.pop("data-title", "")
    for part in html_parts(html.tostring(tree, encoding="unicode")):
        _add(part, tables, builder)
    return {"title": title} if title else {}


def _add(part: Part, tables: list[Rows], builder: Builder) -> None:
    """unstructured calls many Chinese paragraphs titles, so only heading tags count as such."""
    pieces = _MARKED.split(part.text)
    for index, piece in enumerate(pieces):
        if index % 2:
            builder.add("table", markdown(tables[int(piece)]))
            continue
        for text in piece.split(htmlclean.PARAGRAPH):
            if text.strip():
                _add_text(part, text, builder)


def _add_text(part: Part, text: str, builder: Builder) -> None:
    line = one_line(join_lines(clean(text).split("\n")))
    if part.category == "Title" and part.depth is not None and len(line) <= _HEADING_LIMIT:
        builder.heading(line, level=part.depth + 1)
    elif part.category == "CodeSnippet":
        builder.add("code", clean(text))
    elif part.category == "Image":
        builder.add("image", line)
    elif part.category == "ListItem":
        level = max(part.depth or 1, 1)
        builder.add("list", f"{'  ' * (level - 1)}- {line}", level=level)
    else:
        level_by_form = outline.heading_level(line)
        if level_by_form is not None:
            builder.heading(line, level=level_by_form + 1)
        else:
            builder.add("paragraph", squeeze(text))
