"""How one document is cut: its own settings, and a look at the passages before they are indexed."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.cabinets.models import Document
from apps.cabinets.services.kept import elements_path
from apps.cabinets.services.mails import holds_attachments
from apps.core.database import release_connection
from apps.core.problems import Problem, invalid
from apps.rag import components
from apps.rag.chunking import StructureChunker
from apps.rag.interfaces import Chunker, Parser
from apps.rag.parsing.reparse import ElementsParser
from apps.rag.parsing.ways import Ways, WaysParser
from apps.rag.types import Chunk as Passage
from apps.rag.types import SourceFile

SMALLEST, LARGEST, USUAL = 100, 2000, 400
MOST_SHOWN = 40
QUICK_MS = 20_000  # what may be read again while somebody waits


@dataclass(frozen=True, slots=True)
class Preview:
    """The first passages and how many there would be."""

    passages: list[Passage]
    count: int


def options_clean(values: Mapping[str, Any]) -> dict[str, int | bool]:
    """{chunk_units?, overlap_units?, keep_headers_footers?} within their bounds; what is as usual is no
    setting. Raises Problem 422."""
    kept = {"keep_headers_footers": True} if values.get("keep_headers_footers") else {}
    return {**_sizes_clean(values), **kept}


def _sizes_clean(values: Mapping[str, Any]) -> dict[str, int | bool]:
    units = values.get("chunk_units")
    if units is None:
        return {}
    overlap = values.get("overlap_units")
    overlap = min(40, units // 10) if overlap is None else overlap
    if not SMALLEST <= units <= LARGEST:
        raise invalid(
            "options.chunk_units",
            _("A passage has %(least)d to %(most)d units.") % {"least": SMALLEST, "most": LARGEST},
        )
    if not 0 <= overlap <= units // 4:
        raise invalid("options.overlap_units", _("Passages can overlap by a quarter of their size at most."))
    return {"chunk_units": units, "overlap_units": overlap}


def chunker_of(options: Mapping[str, Any]) -> Chunker | None:
    """The document's own chunker, or None for that of everybody."""
    if not options.get("chunk_units"):
        return None
    return StructureChunker(max_units=options["chunk_units"], overlap_units=options.get("overlap_units", 0))


def parser_of(document: Document, *, options: Mapping[str, Any]) -> Parser | None:
    """The parser that this document asks for, or None for that of everybody."""
    ways = Ways(
        whole_pages=bool(options.get("keep_headers_footers")), attachments_apart=holds_attachments(document)
    )
    return WaysParser(ways) if ways != Ways() else None


def document_preview(document: Document, *, options: Mapping[str, Any]) -> Preview:
    """Cut what was read with other settings, in a parser child, and change nothing. Where the settings ask
    for other text, the file is read again, unless that took too long before.
    Raises Problem 409 when the document has not been read or cannot be read so soon, ParseError."""
    options = options_clean(options)
    path = elements_path(document.pk, document.active_generation or document.generation)
    if not path.exists():
        raise Problem(409, _("The document has not been read yet."), code="not_ready", retry_after=5)
    parser: Parser | None = ElementsParser()
    media_type = "application/json"
    if options.get("keep_headers_footers") != document.options.get("keep_headers_footers"):
        _require_quick(document)
        path, parser, media_type = (
            document.file_path,
            parser_of(document, options=options),
            document.media_type,
        )
    source = SourceFile(
        document_id=document.pk,
        generation=document.generation,
        cabinet_id=document.cabinet_id,
        folder_id=document.folder_id,
        title=document.title,
        path=path,
        media_type=media_type,
    )
    release_connection()
    scratch = settings.SCRATCH_DIR / f"preview-{uuid.uuid4()}"
    scratch.mkdir(parents=True)
    try:
        prepared = components.parser_pool().prepare(
            source, workdir=scratch, limits=components.parser_limits(), parser=parser,
            chunker=chunker_of(options),
        )  # fmt: skip
        return Preview(list(islice(prepared.each_chunk(), MOST_SHOWN)), prepared.chunk_count)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _require_quick(document: Document) -> None:
    """A file that took long to read, or that was recognised from pictures, is not read for a preview."""
    if document.timings_ms.get("parse", 0) > QUICK_MS:
        raise Problem(
            409,
            _("Reading this file takes too long for a preview. Read it again with these settings instead."),
            code="slow",
        )
