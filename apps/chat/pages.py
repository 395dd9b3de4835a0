"""What the pages show of conversations and answers: plain values for templates, no queries hidden in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import access
from apps.chat import selectors
from apps.chat.feedback import reason_words
from apps.chat.messages import sentence
from apps.chat.models import Conversation, Message, MessageSource
from apps.chat.versions import Versioned
from apps.core.markdown import render_markdown
from apps.rag.citations import strip_marks

QUOTE_LENGTH = 280
MOST_ANSWER = 5000
FRAME = 0.4  # percent of the page
DOUBTFUL = ("unsupported", "partial")


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source under an answer. Of a document that the reader may no longer see only the number is told."""

    number: int
    href: str
    title: str
    place: str
    cabinet: str
    filename: str
    quote: str
    cited: bool
    visible: bool

    @property
    def card(self) -> dict[str, Any]:
        """What the hover card of a citation mark says."""
        return {"number": self.number, "title": self.title, "place": self.place, "quote": self.quote}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Sentences of an answer that its passages hold only in part, or not, under what is said of them."""

    heading: str
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class Turn(Versioned):
    """One message as the thread shows it."""

    message: Message
    html: SafeString | str = ""
    sources: list[SourceView] = field(default_factory=list)
    fault: str = ""
    checks: dict[str, int] = field(default_factory=dict)
    golden: dict[str, Any] | None = None  # for managers of the cited cabinet: a golden question's parts
    beside: list[Turn] = field(default_factory=list)  # answers of other models, this one among them

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return reason_words()

    @property
    def cited(self) -> list[SourceView]:
        return [source for source in self.sources if source.cited]

    @property
    def others(self) -> list[SourceView]:
        return [source for source in self.sources if not source.cited]

    @property
    def data(self) -> dict[str, Any]:
        """For scripts: the cards of the citation marks, and the evidence of each sentence."""
        return {
            "sources": [source.card for source in self.sources],
            "checks": self.message.checks if self.message.model else [],
            "golden": self.golden,
        }

    @property
    def general(self) -> bool:
        """Whether it was written without documents."""
        return self.message.role == Message.Role.ASSISTANT and self.message.basis == Message.Basis.GENERAL

    @property
    def label(self) -> str:
        """For paper: what the answer rests on, where that is no document, or none that answers."""
        if self.general:
            return _(
                "General knowledge of the model, not from your documents. Check it before you rely on it."
            )
        return _("The documents do not seem to hold an answer.") if self.not_found else ""

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """For paper, where no mark can be hovered; quotes are their own evidence."""
        checks = self.message.checks if self.message.model else []
        of = {name: [one["sentence"] for one in checks if one["verdict"] == name] for name in DOUBTFUL}
        headings = {
            "unsupported": _("Not found in the cited passages; check before relying on it:"),
            "partial": _("Only partly found in the cited passages:"),
        }
        return tuple(Doubt(headings[name], found) for name, found in of.items() if found)

    @property
    def tokens(self) -> int:
        usage = self.message.usage
        return int(usage.get("prompt_tokens") or 0) + int(usage.get("completion_tokens") or 0)


def source_link(source: MessageSource) -> str:
    return reverse("message-source", args=[source.message_id, source.number])


def turns(
    user: User, messages: Sequence[Message], *, link: Callable[[MessageSource], str] = source_link
) -> list[Turn]:
    """The messages ready for templates; the rights on their documents are read now, in one query.
    `link` gives the address that opens a source."""
    prefetch_related_objects(list(messages), "parent", "sources__document__cabinet")
    documents = {source.document_id for message in messages for source in message.sources.all()}
    visible = set(
        access.visible_documents(user).filter(pk__in=documents - {None}).values_list("pk", flat=True)
    )
    managed = _managed(user, messages, visible)
    return [_turn(message, visible, managed, link) for message in messages]


def _managed(user: User, messages: Sequence[Message], visible: set[UUID]) -> set[UUID]:
    """Of the cabinets that these answers cite, those that the reader manages."""
    cited = {
        source.document.cabinet_id
        for message in messages
        for source in message.sources.all()
        if source.cited and source.document is not None and source.document_id in visible
    }
    if not cited:
        return set()
    return set(access.managed_cabinets_for(user).filter(pk__in=cited).values_list("pk", flat=True))


def thread(user: User, conversation: Conversation) -> list[Turn]:
    """The shown branch. At its end, answers of several models stand beside each other until one is chosen."""
    messages = selectors.messages_of(conversation)
    found = turns(user, messages)
    if messages and (group := selectors.compared_with(messages[-1])):
        found[-1] = replace(found[-1], beside=turns(user, group))
    return found


def _turn(
    message: Message, visible: set[UUID], managed: set[UUID], link: Callable[[MessageSource], str]
) -> Turn:
    if message.role == Message.Role.USER:
        return Turn(message)
    sources = [_source(source, visible, link(source)) for source in message.sources.all()]
    html = render_markdown(message.content, citations={source.number: source.href for source in sources})
    broken = message.status in (Message.Status.ERROR, Message.Status.INTERRUPTED)
    return Turn(
        message=message,
        html=html,
        sources=sources,
        fault=sentence(message.error_code) if broken else "",
        checks=_tally(message.checks) if message.model else {},  # quotes are their own evidence
        golden=_golden(message, visible, managed),
    )


def _golden(message: Message, visible: set[UUID], managed: set[UUID]) -> dict[str, Any] | None:
    """The cited documents of the first cited cabinet that the reader manages, as a golden question names them."""
    cited = [
        source
        for source in message.sources.all()
        if source.cited
        and source.document is not None
        and source.document_id in visible
        and source.document.cabinet_id in managed
    ]
    if not cited or message.status != Message.Status.COMPLETE:
        return None
    cabinet = cited[0].document.cabinet_id  # type: ignore[union-attr]
    keys = [str(source.document_id) for source in cited if source.document.cabinet_id == cabinet]  # type: ignore[union-attr]
    answer = strip_marks(message.content)[:MOST_ANSWER]
    return {
        "cabinet_id": str(cabinet),
        "question": message.parent.content if message.parent else "",
        "document_ids": list(dict.fromkeys(keys)),
        "answer": answer,
    }


def _source(source: MessageSource, visible: set[UUID], href: str) -> SourceView:
    seen = source.document_id in visible
    document = source.document if seen else None
    quote = (source.quote or source.text) if seen else ""
    return SourceView(
        number=source.number,
        href=href,
        title=source.title if seen else _("A document you can no longer open"),
        place=place(source) if seen else "",
        cabinet=document.cabinet.name if document else "",
        filename=document.filename if document else "",
        quote=quote if len(quote) <= QUOTE_LENGTH else quote[: QUOTE_LENGTH - 1] + "…",
        cited=source.cited,
        visible=seen,
    )


def place(source: MessageSource) -> str:
    """Where in its document a source stands: pages, else sheet and cells, else the nearest heading."""
    first, last = source.page_start, source.page_end
    if first and last and last > first:
        return _("pp. %(first)d–%(last)d") % {"first": first, "last": last}
    if first:
        return _("p. %(page)d") % {"page": first}
    if source.sheet:
        return f"{source.sheet} {source.cells}".strip()
    return str(source.headings[-1]) if source.headings else ""


def framed(box: Mapping[str, float]) -> dict[str, float]:
    """A box in percent of its page, a little wider than its letters so that the frame crosses none."""
    left, top = max(0.0, box["left"] - FRAME), max(0.0, box["top"] - FRAME)
    right = min(100.0, box["left"] + box["width"] + FRAME)
    bottom = min(100.0, box["top"] + box["height"] + FRAME)
    return {"left": left, "top": top, "width": right - left, "height": bottom - top}


def _tally(checks: Sequence[dict[str, Any]]) -> dict[str, int]:
    """How many sentences are supported, partly and not; empty where nothing was checked."""
    verdicts = [check.get("verdict") for check in checks]
    counted = {name: verdicts.count(name) for name in ("supported", "partial", "unsupported")}
    return counted if any(counted.values()) else {}


def citation_strings() -> dict[str, str]:
    """Sentences of the scripts that open citations."""
    return {
        "source_place": _("{index} of {count}"),
        "page": _("p. {page}"),
        "pages": _("pp. {first}–{last}"),
        "partial": _("Only partly found in the cited passages."),
        "unsupported": _("Not found in the cited passages. Check it before you rely on it."),
    }
