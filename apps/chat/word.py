"""A paper as a Word file in the house style: answers as text, cited passages as real footnotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.chat.exporting import Exchange, Note, Paper, stamp
from apps.core.markdown import parse_markdown
from apps.core.word import word_bytes

if TYPE_CHECKING:
    from markdown_it.token import Token

BODY, HEAD, LATIN = "FangSong", "SimHei", "Times New Roman"
LISTS = {"bullet_list_open": "List Bullet", "ordered_list_open": "List Number"}
DEEPEST_LIST = 3


def word_file(paper: Paper) -> bytes:
    """The bytes of a .docx."""
    from docx import Document

    from apps.chat.word_footnotes import Footnotes

    document = Document()
    house_style(document)
    document.core_properties.title = paper.title[:255]
    document.core_properties.author = "Askive"
    footnotes = Footnotes(document)
    document.add_heading(paper.title, level=0)
    document.add_paragraph(stamp(paper), style="Caption")
    for exchange in paper.exchanges:
        _Writer(document, footnotes, exchange).write()
    footnotes.save()
    return word_bytes(document)


def house_style(document: Any) -> None:
    """A4, FangSong for text and SimHei for headings, Times New Roman for Latin letters, black on white."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.top_margin, page.bottom_margin = Cm(3.0), Cm(2.6)
    page.left_margin, page.right_margin = Cm(2.8), Cm(2.6)
    sizes = {"Normal": 12, "Title": 20, "Heading 1": 15, "Heading 2": 13, "Heading 3": 12, "Caption": 9}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), HEAD if name.startswith(("Title", "Heading")) else BODY)
    normal = document.styles["Normal"].paragraph_format
    normal.line_spacing, normal.space_after = 1.5, Pt(6)


class _Writer:
    """One question and its answer."""

    def __init__(self, document: Any, footnotes: Any, exchange: Exchange) -> None:
        self._document = document
        self._footnotes = footnotes
        self._exchange = exchange
        self._notes = {note.number: note for note in exchange.notes}
        self._told: set[int] = set()
        self._lists: list[str] = []
        self._fresh = False  # the list item has no paragraph yet
        self._quote = 0

    def write(self) -> None:
        if self._exchange.question:
            self._document.add_heading(" ".join(self._exchange.question.split()), level=1)
        if self._exchange.label:
            self._document.add_paragraph(self._exchange.label, style="Caption")
        tokens = parse_markdown(self._exchange.answer, numbers=self._notes)
        rows: list[list[Token]] = []
        heading = 0
        for token in tokens:
            if token.type in LISTS:
                self._lists.append(LISTS[token.type])
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
            elif token.type in ("list_item_open", "blockquote_open", "blockquote_close"):
                self._fresh = token.type == "list_item_open" or self._fresh
                self._quote += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
            elif token.type in ("heading_open", "heading_close"):
                heading = int(token.tag[1]) if token.nesting == 1 else 0
            elif token.type == "tr_open":
                rows.append([])
            elif token.type == "table_close":
                self._table(rows)
                rows = []
            elif token.type == "inline":
                if rows:
                    rows[-1].append(token)
                else:
                    self._inline(self._paragraph(heading), token)
            elif token.type in ("fence", "code_block"):
                self._document.add_paragraph(token.content.rstrip("\n"))
        if self._exchange.fault:
            self._document.add_paragraph(self._exchange.fault, style="Caption")
        self._doubts()

    def _doubts(self) -> None:
        for doubt in self._exchange.doubts:
            self._document.add_paragraph(doubt.heading, style="Caption")
            for sentence in doubt.sentences:
                self._document.add_paragraph(_clean(sentence), style="List Bullet")

    def _paragraph(self, heading: int) -> Any:
        if heading:
            return self._document.add_heading("", level=min(heading + 1, 3))
        if not self._lists:
            return self._document.add_paragraph(style="Quote" if self._quote else None)
        depth = min(len(self._lists), DEEPEST_LIST)
        style = self._lists[-1] if self._fresh else "List Continue"
        self._fresh = False
        return self._document.add_paragraph(style=style if depth == 1 else f"{style} {depth}")

    def _table(self, rows: list[list[Token]]) -> None:
        width = max((len(row) for row in rows), default=0)
        if not width:
            return
        table = self._document.add_table(rows=len(rows), cols=width, style="Table Grid")
        for at, row in enumerate(rows):
            for column, token in enumerate(row):
                self._inline(table.cell(at, column).paragraphs[0], token, strong=at == 0)

    def _inline(self, paragraph: Any, token: Token, *, strong: bool = False) -> None:
        bold, italic = int(strong), 0
        for child in token.children or []:
            if child.type in ("strong_open", "strong_close"):
                bold += child.nesting
            elif child.type in ("em_open", "em_close"):
                italic += child.nesting
            elif child.type == "citation":
                self._cite(paragraph, self._notes[int(child.content)])
            elif child.type in ("softbreak", "hardbreak"):
                paragraph.add_run().add_break()
            elif child.content:
                run = paragraph.add_run(_clean(child.content))
                run.bold, run.italic = bold > 0 or None, italic > 0 or None

    def _cite(self, paragraph: Any, note: Note) -> None:
        """The quote is told once; a later mark of the same source names the place alone."""
        text = (
            note.line if note.number not in self._told else ", ".join(filter(None, [note.title, note.place]))
        )
        self._told.add(note.number)
        self._footnotes.add(paragraph, _clean(text))


def _clean(text: str) -> str:
    """Without control characters, which no XML may hold."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n")
