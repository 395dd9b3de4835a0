"""The parsed text of a document as the page shows it: blocks with a kind, and the passage marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.cabinets.models import Chunk, Document
from apps.cabinets.services.kept import elements_path
from apps.core.markdown import render_markdown
from apps.rag.errors import ParseError
from apps.rag.parsing.stored import StoredElements, stored_in, summary_in
from apps.rag.types import Element, ParsedDocument

WINDOW = 120  # blocks a fragment
BEFORE = 15  # blocks shown above an opened passage
MARKER = re.compile(r"^(?:[-*•·▪◦–]\s+)")
NUMBERED = re.compile(
    r"^(?:[\d一二三四五六七八九十]+[.、．)）]|[（(][\d一二三四五六七八九十]+[)）]|[a-zA-Z][.)])"
)


@dataclass(frozen=True, slots=True)
class Block:
    """`tag` is h2…h5, p, li, table or pre; `divider` names a page or sheet that begins here."""

    index: int
    tag: str
    html: SafeString
    marked: bool
    page: int | None
    sheet: str
    divided: bool


@dataclass(frozen=True, slots=True)
class Window:
    blocks: list[Block]
    earlier: int | None  # where the window before begins; None at the start
    later: int | None  # where the next begins; None at the end


def parsed_of(document: Document) -> ParsedDocument | None:
    """What is served, or the newest that was read. None while there is nothing, or nothing readable."""
    path = elements_path(document.pk, document.active_generation or document.generation)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (FileNotFoundError, ParseError):
        return None


@lru_cache(maxsize=16)
def _read(path: Path, changed_ns: int) -> ParsedDocument:
    """Its elements stay on the disk and are read where they are shown."""
    return replace(summary_in(path), elements=stored_in(path))


def window(parsed: ParsedDocument, *, start: int = 0, chunk: Chunk | None = None) -> Window:
    """Blocks from `start` on, or around a passage, whose blocks are marked."""
    elements = parsed.elements
    marks = passage_marks(elements, chunk) if chunk is not None else {}
    if marks:
        start = max(0, min(marks) - BEFORE)
    start = max(0, min(start, max(0, len(elements) - 1)))
    end = min(len(elements), start + WINDOW)
    blocks = [_block(elements, index, marks) for index in range(start, end)]
    return Window(
        blocks=blocks,
        earlier=max(0, start - WINDOW) if start else None,
        later=end if end < len(elements) else None,
    )


def passage_marks(elements: Sequence[Element], chunk: Chunk) -> dict[int, tuple[int, int] | None]:
    """Which elements the chunk was made of: index → None for the whole, or the range within its text."""
    wanted = _squash(chunk.text)
    lines = [line for line in map(_squash, chunk.text.splitlines()) if len(line) >= 8]
    found: dict[int, tuple[int, int] | None] = {}
    for index in _near(elements, chunk):
        element = elements[index]
        if not _on_pages(element, chunk):
            continue
        text = _squash(element.text)
        if text and text in wanted:
            found[index] = None
        elif span := _span(element.text, text, wanted, lines):
            found[index] = None if element.kind == "table" else span
    return _best_run(elements, found)


def _near(elements: Sequence[Element], chunk: Chunk) -> Iterable[int]:
    """The elements that can be of the chunk's pages, without reading others where the pages are known."""
    if not isinstance(elements, StoredElements) or chunk.page_start is None:
        return range(len(elements))
    last = chunk.page_end or chunk.page_start
    return [
        index for index, page in enumerate(elements.pages) if not page or chunk.page_start <= page <= last
    ]


def _on_pages(element: Element, chunk: Chunk) -> bool:
    if element.page is None or chunk.page_start is None:
        return not chunk.sheet or element.sheet in (None, chunk.sheet)
    return chunk.page_start <= element.page <= (chunk.page_end or chunk.page_start)


def _span(raw: str, text: str, wanted: str, lines: Sequence[str]) -> tuple[int, int] | None:
    """The part of an element that a chunk took, in characters of the element's own text."""
    pieces = [wanted] if wanted in text else [line for line in lines if line in text]
    if not pieces:
        return None
    low = min(text.index(piece) for piece in pieces)
    high = max(text.index(piece) + len(piece) for piece in pieces)
    kept = [place for place, character in enumerate(raw) if not _skipped(character)]
    return kept[low], kept[high - 1] + 1


def _best_run(
    elements: Sequence[Element], found: dict[int, tuple[int, int] | None]
) -> dict[int, tuple[int, int] | None]:
    """Short elements match by chance: keep the run of neighbours that holds the most text."""
    runs: list[list[int]] = []
    for index in sorted(found):
        if runs and index - runs[-1][-1] <= 2:
            runs[-1].append(index)
        else:
            runs.append([index])
    if not runs:
        return {}
    best = max(runs, key=lambda run: sum(_weight(elements[index], found[index]) for index in run))
    return {index: found[index] for index in best}


def _weight(element: Element, span: tuple[int, int] | None) -> int:
    return len(element.text) if span is None else span[1] - span[0]


def _skipped(character: str) -> bool:
    return character.isspace() or character == "|"


def _squash(text: str) -> str:
    return "".join(character for character in text if not _skipped(character))


def _block(elements: Sequence[Element], index: int, marks: dict[int, tuple[int, int] | None]) -> Block:
    element = elements[index]
    before = elements[index - 1] if index else None
    return Block(
        index=index,
        tag=_tag(element),
        html=_html(element, marks.get(index)),
        marked=index in marks,
        page=element.page,
        sheet=element.sheet or "",
        divided=before is None or (before.page, before.sheet) != (element.page, element.sheet),
    )


def _tag(element: Element) -> str:
    match element.kind:
        case "title":
            return "h2"
        case "heading":
            return f"h{min(5, 2 + max(1, element.level or 1))}"
        case "table":
            return "table"
        case "code":
            return "pre"
        case "list":
            return "li"
    return "p"


def _html(element: Element, span: tuple[int, int] | None) -> SafeString:
    if element.kind == "table":
        return render_markdown(element.text)
    text = element.text
    if element.kind == "list" and span is None:
        text = _bulleted(text)
    if span is None:
        return format_html("{}", text)
    return format_html("{}<mark>{}</mark>{}", text[: span[0]], text[span[0] : span[1]], text[span[1] :])


def _bulleted(text: str) -> str:
    """A list line keeps its number; any other mark becomes one kind of bullet."""
    text = text.strip()
    if NUMBERED.match(text):
        return text
    return "• " + MARKER.sub("", text)
