"""What the state of a document says to a person: a word for the table, a sentence for the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.cabinets.messages import sentence
from apps.cabinets.models import Document
from apps.cabinets.queue import Waiting, queue_lines
from apps.rag.parsing import sniff

Status = Document.Status

# A few words for the table; the whole sentence is in its title and on the document's page.
SHORT = {
    "empty": gettext_lazy("empty file"),
    "corrupt": gettext_lazy("damaged file"),
    "password": gettext_lazy("password on the file"),
    "unsupported": gettext_lazy("not a readable kind"),
    "too_large": gettext_lazy("too large"),
    "zip_bomb": gettext_lazy("unpacks too far"),
    "timeout": gettext_lazy("took too long"),
    "memory": gettext_lazy("needs too much memory"),
    "no_text": gettext_lazy("no text in it"),
    "encoding": gettext_lazy("unknown characters"),
    "crashed": gettext_lazy("the reader crashed"),
    "missing": gettext_lazy("original missing"),
    "needs_libreoffice": gettext_lazy("LibreOffice is missing"),
    "embedder_unavailable": gettext_lazy("embedding unreachable"),
    "embedder_timeout": gettext_lazy("embedding too slow"),
    "embedder_mismatch": gettext_lazy("embedding size differs"),
    "store_unavailable": gettext_lazy("index unreachable"),
    "store_timeout": gettext_lazy("index too slow"),
    "store_incomplete": gettext_lazy("index incomplete"),
    "store_mismatch": gettext_lazy("index of another model"),
    "cancelled": gettext_lazy("cancelled"),
    "internal": gettext_lazy("internal fault"),
}
STAGES = {
    "parse": gettext_lazy("Reading"),
    "chunk": gettext_lazy("Splitting"),
    "embed": gettext_lazy("Embedding"),
    "index": gettext_lazy("Indexing"),
}

PAGED = frozenset((sniff.PDF, sniff.OFD, sniff.PPTX, sniff.PPT, sniff.ODP, sniff.PNG, sniff.JPEG, sniff.TIFF))


@dataclass(frozen=True, slots=True)
class StatusLine:
    """`state` is the data-state of the status component; `progress` 0–1 while work is being done."""

    state: str
    word: str
    detail: str = ""
    progress: float | None = None

    @property
    def busy(self) -> bool:
        return self.state in (Status.QUEUED, Status.PROCESSING)


def status_line(document: Document, *, waiting: Waiting | None = None) -> StatusLine:
    """The state now. `waiting` says place and time while it is queued or read."""
    match document.shown_status:
        case Status.QUEUED:
            return _queued(document, waiting)
        case Status.PROCESSING:
            parts = [_time_left(waiting), _served(document)]
            return StatusLine(
                "processing", _stage(document), " ".join(filter(None, parts)), document.progress
            )
        case Status.FAILED if document.error_code == "cancelled":
            return StatusLine("failed", _("Cancelled"), sentence("cancelled") + _served(document, before=" "))
        case Status.FAILED:
            short = SHORT.get(document.error_code, SHORT["internal"])
            word = _("Failed: %(reason)s") % {"reason": short}
            return StatusLine("failed", word, sentence(document.error_code) + _served(document, before=" "))
        case Status.DELETING:
            return StatusLine("deleting", _("Deleting"))
    return _ready(document)


def _stage(document: Document) -> str:
    """The stage with the page it is at, or with its share of the work."""
    if document.stage == Document.Stage.PARSE and document.pages_total > 1:
        counts = {"done": document.pages_done, "total": document.pages_total}
        if document.media_type in PAGED:
            return _("Reading, page %(done)d of %(total)d") % counts
        return _("Reading, %(done)d of %(total)d") % counts
    stage = STAGES.get(document.stage, _("Starting"))
    return f"{stage} {document.progress:.0%}" if document.progress else str(stage)


def _ready(document: Document) -> StatusLine:
    basic = document.depth == Document.Depth.BASIC
    if document.is_deepened:
        detail = _("Its text layer is searched. Its pictures and tables are being read in the background.")
        if document.stage == Document.Stage.PARSE and document.pages_total > 1:
            counts = {"done": document.pages_done, "total": document.pages_total}
            detail += " " + _("Page %(done)d of %(total)d.") % counts
        return StatusLine("ready", _("Ready · basic"), detail)
    if warnings := len(document.warnings):
        word = ngettext("Ready · %(count)d note", "Ready · %(count)d notes", warnings) % {"count": warnings}
        return StatusLine("warn", _("Ready · basic") if basic else word, " ".join(document.notes[:3]))
    return StatusLine("ready", _("Ready · basic") if basic else _("Ready"))


def status_lines(documents: Iterable[Document]) -> dict[UUID, StatusLine]:
    """The states of one screen of documents, with one query for their places in the queue."""
    documents = list(documents)
    lines = queue_lines(documents)
    return {document.pk: status_line(document, waiting=lines.get(document.pk)) for document in documents}


def _queued(document: Document, waiting: Waiting | None) -> StatusLine:
    if document.error_code:  # a pause between two attempts
        return StatusLine("queued", _("Will try again"), sentence(document.error_code), 0)
    if waiting is None or waiting.position is None:
        return StatusLine("queued", _("Queued"), _served(document), 0)
    word = _("Queued, number %(place)d") % {"place": waiting.position}
    if waiting.waiting_for == "worker":
        reason = _("No worker is running just now; it is read as soon as one is there.")
        return StatusLine("queued", word, reason + _served(document, before=" "), 0)
    if waiting.seconds:
        word += f" · {duration(waiting.seconds)}"
    ahead = waiting.position - 1
    reason = ngettext("%(count)d document comes before it.", "%(count)d documents come before it.", ahead)
    parts = [reason % {"count": ahead} if ahead else _("It is the next."), _served(document)]
    return StatusLine("queued", word, " ".join(filter(None, parts)), 0)


def _time_left(waiting: Waiting | None) -> str:
    if waiting is None or not waiting.seconds:
        return ""
    return _("Ready in %(time)s.") % {"time": duration(waiting.seconds)}


def duration(seconds: int) -> str:
    """As people say it: rounded up, never to the second."""
    if seconds < 60:
        return _("under a minute")
    minutes = -(-seconds // 60)
    if minutes < 90:
        return ngettext("about %(count)d minute", "about %(count)d minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(count)d hour", "about %(count)d hours", hours) % {"count": hours}


def _served(document: Document, *, before: str = "") -> str:
    """While a document is read anew, what was there stays searchable."""
    if document.active_generation is None:
        return ""
    return before + _("Until then the earlier text is searched.")
