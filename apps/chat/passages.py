"""A source's passage as HTML: its sentences as they stand, its tables as tables, the quote marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.core.markdown import render_markdown

# Private-use characters carry the mark of the quote through the Markdown renderer.
OPEN, CLOSE = "\ue002", "\ue003"
LONG = 250  # the neighbours of a passage come as at most 300 characters each
ENDINGS = '。！？.!?；;：:|）)”"'
SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.\s")
SPACE = re.compile(r"\s")
RULE = re.compile(r"^\s*\|?\s*:?-{2,}")


def passage_html(*, before: str, passage: str, quote: str, after: str) -> SafeString:
    """`before` is context and set back; `passage`, `quote` and `after` follow each other unchanged."""
    context, after = _begun(before), _ended(after)
    marked = (
        f"{_plain(passage)}{OPEN}{_plain(quote)}{CLOSE}{_plain(after)}" if quote else _plain(passage + after)
    )
    blocks = [format_html('<div class="soft">{}</div>', _blocks(_plain(context)))] if context.strip() else []
    return format_html_join("", "{}", ((block,) for block in [*blocks, _blocks(marked)]))


def _plain(text: str) -> str:
    return text.replace(OPEN, "").replace(CLOSE, "")


def _begun(context: str) -> str:
    """Context is cut by length: begin at a sentence, and leave the rest of a table's row out."""
    first, _newline, rest = context.partition("\n")
    if first.count("|") < rest.partition("\n")[0].count("|") or ("|" in first and not _is_row(first)):
        return rest
    if len(context) < LONG or first.lstrip().startswith("|"):
        return context
    cut = SENTENCE_END.search(context, 0, LONG // 2) or SPACE.search(context)
    return f"… {context[cut.end() :]}" if cut else f"…{context}"


def _ended(text: str) -> str:
    """Show where the passage after was cut within a sentence."""
    bare = text.rstrip()
    return f"{bare}…" if len(bare) >= LONG and bare[-1] not in ENDINGS else text


def _blocks(text: str) -> SafeString:
    return format_html_join("", "{}", ((block,) for block in _each_block(_closed_lines(text))))


def _closed_lines(text: str) -> list[str]:
    """The lines, each with its own marks: a quote over several lines is opened and closed in each."""
    lines, inside = [], False
    for line in text.split("\n"):
        opened = f"{OPEN}{line}" if inside else line
        inside = opened.rfind(OPEN) > opened.rfind(CLOSE)
        lines.append(f"{opened}{CLOSE}" if inside else opened)
    return lines


def _each_block(lines: list[str]) -> Iterator[SafeString]:
    for is_table, group in groupby(lines, key=_is_row):
        rows = list(group)
        if is_table:
            yield _table(rows)
        elif text := "\n".join(rows).strip("\n"):
            yield format_html("<p>{}</p>", _marks(format_html("{}", text)))


def _is_row(line: str) -> bool:
    bare = _plain(line).strip()
    return bare.startswith("|") and bare.count("|") > 1


def _table(rows: list[str]) -> SafeString:
    """A table; a part of one, cut from its header, gets an empty header."""
    width = max(_plain(row).strip().strip("|").count("|") for row in rows) + 1
    if len(rows) < 2 or not RULE.match(_plain(rows[1])):
        rows = [
            "|" + "  |" * width,
            "|" + " --- |" * width,
            *[row for row in rows if not RULE.match(_plain(row))],
        ]
    return _marks(render_markdown("\n".join(_mark_row(row) for row in rows)))


def _mark_row(row: str) -> str:
    """A mark cannot cross cells: where the quote touches a row, each of its cells is marked."""
    if OPEN not in row or RULE.match(_plain(row)):
        return _plain(row)
    cells = _plain(row).strip().strip("|").split("|")
    return "|" + "|".join(f" {OPEN}{cell.strip()}{CLOSE} " if cell.strip() else " " for cell in cells) + "|"


def _marks(html: str) -> SafeString:
    """`html` is escaped or cleaned already; only the two marks become tags."""
    return mark_safe(html.replace(OPEN, "<mark>").replace(CLOSE, "</mark>").replace("<mark></mark>", ""))  # noqa: S308
