"""A conversation as a file: Markdown, plain text and, through apps/chat/word.py, Word.

What is written is what the owner may read at this moment: of a document that is no longer readable only the
number is told. Passages stand as footnotes. What was not taken from documents, and which sentences were not found
in them, is said beside the answer, as on the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.chat import pages, selectors
from apps.chat.models import Conversation, Message
from apps.rag.citations import strip_marks

MARK = re.compile(r"\[(\d{1,3})\]")
UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True, slots=True)
class Note:
    """One source as a footnote; all empty but the title where it may no longer be read."""

    number: int
    title: str
    place: str
    cabinet: str
    quote: str

    @property
    def line(self) -> str:
        """Title, place (cabinet): “quote”"""
        where = ", ".join(part for part in (self.title, self.place) if part)
        where = f"{where} ({self.cabinet})" if self.cabinet else where
        return f"{where}: “{self.quote}”" if self.quote else where


@dataclass(frozen=True, slots=True)
class Exchange:
    question: str
    answer: str  # Markdown with marks [n]
    notes: list[Note]
    fault: str = ""
    model: str = ""
    general: bool = False
    label: str = ""  # what it rests on, where that is no document that answers
    doubts: tuple[pages.Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A conversation, or one answer of it, ready to be written."""

    title: str
    at: datetime
    exchanges: list[Exchange]

    @property
    def filename(self) -> str:
        return (UNSAFE.sub(" ", self.title).strip()[:80] or "conversation").strip()


def paper_of(user: User, conversation: Conversation) -> Paper:
    messages = selectors.messages_of(conversation)
    title = conversation.title or _("Conversation")
    return Paper(title, conversation.updated_at, _exchanges(pages.turns(user, messages)))


def paper_of_answer(user: User, message: Message) -> Paper:
    """One answer with its question."""
    rows = [row for row in (message.parent, message) if row is not None]
    title = message.parent.content.splitlines()[0][:120] if message.parent else _("Answer")
    return Paper(title, message.created_at, _exchanges(pages.turns(user, rows)))


def _exchanges(turns: Sequence[pages.Turn]) -> list[Exchange]:
    found: list[Exchange] = []
    question = ""
    for turn in turns:
        if turn.message.role == Message.Role.USER:
            question = turn.message.content
            continue
        notes = [_note(source) for source in turn.cited]
        message = turn.message
        found.append(
            Exchange(
                question=question,
                answer=message.content,
                notes=notes,
                fault=turn.fault,
                model=message.model,
                general=turn.general,
                label=turn.label,
                doubts=turn.doubts,
            )
        )
        question = ""
    return found


def _note(source: pages.SourceView) -> Note:
    return Note(source.number, source.title, source.place, source.cabinet, " ".join(source.quote.split()))


def markdown(paper: Paper, *, heading: bool = True) -> str:
    """Markdown with footnotes, which are numbered through the whole paper."""
    blocks = [f"# {paper.title}", f"*{stamp(paper)}*"] if heading else []
    first = 1
    for exchange in paper.exchanges:
        blocks += _markdown_of(exchange, first=first, heading=heading)
        first += len(exchange.notes)
    return "\n\n".join(block for block in blocks if block.strip()) + "\n"


def _markdown_of(exchange: Exchange, *, first: int, heading: bool) -> list[str]:
    order = {note.number: first + index for index, note in enumerate(exchange.notes)}

    def footnote(mark: re.Match[str]) -> str:
        number = order.get(int(mark[1]))
        return f"[^{number}]" if number else mark[0]

    question = " ".join(exchange.question.split())
    return [
        f"## {question}" if heading and question else "",
        f"> {exchange.label}" if exchange.label else "",
        MARK.sub(footnote, exchange.answer),
        f"> {exchange.fault}" if exchange.fault else "",
        *("\n".join([f"> {one.heading}", ">", *quoted_list(one)]) for one in exchange.doubts),
        "\n".join(f"[^{order[note.number]}]: {note.line}" for note in exchange.notes),
    ]


def quoted_list(doubt: pages.Doubt) -> list[str]:
    return [f"> - {sentence}" for sentence in doubt.sentences]


def plain_text(paper: Paper) -> str:
    """The words alone, then the sources with their numbers."""
    blocks = [paper.title, stamp(paper)]
    for exchange in paper.exchanges:
        kept = {note.number for note in exchange.notes}
        blocks += [exchange.question, exchange.label, _marked(exchange.answer, kept), exchange.fault]
        blocks += [
            "\n".join([one.heading, *(f"- {line}" for line in one.sentences)]) for one in exchange.doubts
        ]
        blocks.append("\n".join(f"[{note.number}] {note.line}" for note in exchange.notes))
    return "\n\n".join(block for block in blocks if block.strip()) + "\n"


def _marked(answer: str, kept: set[int]) -> str:
    return MARK.sub(lambda mark: mark[0] if int(mark[1]) in kept else "", answer)


def bare_text(markdown_text: str) -> str:
    """An answer without marks, for where a line of it is shown."""
    return " ".join(strip_marks(markdown_text).split())


def stamp(paper: Paper) -> str:
    """By whom and when; from documents only where all of it is."""
    date = {"date": f"{timezone.localtime(paper.at):%Y-%m-%d %H:%M}"}
    if any(exchange.general for exchange in paper.exchanges):
        return _("Answered by Askive, %(date)s") % date
    return _("Answered by Askive from the organisation's documents, %(date)s") % date
