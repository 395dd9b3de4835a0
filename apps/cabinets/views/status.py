"""What the state of a document says to a person: a word for the table, a sentence for the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.cabinets.messages import sentence
from apps.cabinets.models import Document
from apps.cabinets.selectors import queue_positions

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
    "embedder_unavailable": gettext_lazy("embedding unreachable"),
    "embedder_timeout": gettext_lazy("embedding too slow"),
    "embedder_mismatch": gettext_lazy("embedding size differs"),
    "store_unavailable": gettext_lazy("index unreachable"),
    "store_timeout": gettext_lazy("index too slow"),
    "store_incomplete": gettext_lazy("index incomplete"),
    "store_mismatch": gettext_lazy("index of another model"),
    "internal": gettext_lazy("internal fault"),
}
STAGES = {
    "parse": gettext_lazy("Reading"),
    "chunk": gettext_lazy("Splitting"),
    "embed": gettext_lazy("Embedding"),
    "index": gettext_lazy("Indexing"),
}


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


def status_line(document: Document, *, place: int | None = None) -> StatusLine:
    """The state now. `place` is the position in the queue, counting from 1."""
    match document.status:
        case Status.QUEUED:
            return _queued(document, place)
        case Status.PROCESSING:
            stage = STAGES.get(document.stage, _("Starting"))
            word = f"{stage} {document.progress:.0%}" if document.progress else str(stage)
            return StatusLine("processing", word, _served(document), document.progress)
        case Status.FAILED:
            short = SHORT.get(document.error_code, SHORT["internal"])
            word = _("Failed: %(reason)s") % {"reason": short}
            return StatusLine("failed", word, sentence(document.error_code) + _served(document, before=" "))
        case Status.DELETING:
            return StatusLine("deleting", _("Deleting"))
    if warnings := len(document.warnings):
        word = ngettext("Ready · %(count)d note", "Ready · %(count)d notes", warnings) % {"count": warnings}
        return StatusLine("warn", word, " ".join(map(str, document.warnings[:3])))
    return StatusLine("ready", _("Ready"))


def status_lines(documents: Iterable[Document]) -> dict[UUID, StatusLine]:
    """The states of one screen of documents, with one query for their places in the queue."""
    documents = list(documents)
    places = queue_positions(documents)
    return {document.pk: status_line(document, place=places.get(document.pk)) for document in documents}


def _queued(document: Document, place: int | None) -> StatusLine:
    if document.error_code:  # a pause between two attempts
        return StatusLine("queued", _("Will try again"), sentence(document.error_code), 0)
    word = _("Queued, number %(place)d") % {"place": place} if place else _("Queued")
    return StatusLine("queued", word, _served(document), 0)


def _served(document: Document, *, before: str = "") -> str:
    """While a document is read anew, what was there stays searchable."""
    if document.active_generation is None:
        return ""
    return before + _("Until then the earlier text is searched.")
