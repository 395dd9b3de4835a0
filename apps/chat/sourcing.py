"""The sources of an answer: found by one or several searches, or those that it was given before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts.models import User
from apps.cabinets.access import visible_documents
from apps.cabinets.readers import Reader, reader_of
from apps.cabinets.searching import location, passage_url, search_scope
from apps.cabinets.selectors import neighbours_of
from apps.cabinets.tuning import options_for
from apps.chat.ask import Ask
from apps.chat.models import Message, MessageSource
from apps.core.database import release_connection
from apps.rag.citations import best_quote
from apps.rag.merging import merged
from apps.rag.retrieval import MAX_QUERY
from apps.rag.sections import REACH, sources_of
from apps.rag.types import Box, Chunk, ScoredChunk, Source


@dataclass(frozen=True, slots=True)
class Found:
    """`answerable`: whether the passages seem to hold an answer, None where that was not judged."""

    sources: tuple[Source, ...] = ()
    answerable: bool | None = None


def find_sources(ask: Ask, queries: Sequence[str] = ()) -> Found:
    """The numbered passages for a question (or for these queries in its place), each with what stands around
    it where a model will read it. Raises StoreError."""
    try:
        options = options_for(ask.scope)
        reader = reader_of(ask.user)
        results = [
            search_scope(reader, query[:MAX_QUERY], ask.scope, options=options)
            for query in queries or (ask.question,)
        ]
        limit = options.limit + 2 * (len(results) - 1)
        found = merged([result.passages for result in results], limit=limit)
        sources = _surrounded(ask, reader, found)
        verdicts = [result.answerable.answerable for result in results if result.answerable is not None]
        return Found(sources, any(verdicts) if verdicts else (None if sources else False))
    finally:
        release_connection()


def _surrounded(ask: Ask, reader: Reader, found: Sequence[ScoredChunk]) -> tuple[Source, ...]:
    if ask.model is None:
        return sources_of(found)  # an answer without a model quotes the passages themselves
    chunks = [passage.chunk for passage in found]
    return sources_of(found, neighbours_of(reader, chunks, reach=REACH, as_of=ask.scope.as_of))


def kept_sources(user: User, message: Message) -> tuple[Source, ...]:
    """The sources that an answer was given, as far as the person may still read their documents."""
    rows = list(message.sources.all())
    keys = {row.document_id for row in rows} - {None}
    visible = set(visible_documents(user).filter(pk__in=keys).values_list("pk", flat=True))
    return tuple(
        Source(row.number, ScoredChunk(_chunk(row), row.score)) for row in rows if row.document_id in visible
    )


def _chunk(row: MessageSource) -> Chunk:
    return Chunk(
        id=row.chunk_id,
        document_id=row.document_id,  # type: ignore[arg-type]  # of a visible document, so not None
        generation=0,
        index=0,
        title=row.title,
        text=row.text,
        headings=tuple(row.headings),
        page_start=row.page_start,
        page_end=row.page_end,
        boxes=tuple(Box(int(page), *rest) for page, *rest in row.boxes),
        sheet=row.sheet or None,
        cells=row.cells or None,
    )


def source_items(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Sources in the shape of the REST contract."""
    return [
        {
            "number": source.number,
            "chunk_id": str(source.passage.chunk.id),
            "document_id": str(source.passage.chunk.document_id),
            "title": source.passage.chunk.title,
            "text": source.passage.chunk.text,
            "location": location(source.passage),
            "url": passage_url(source.passage),
        }
        for source in sources
    ]


def cited_items(sources: Sequence[dict[str, Any]], end: dict[str, Any]) -> list[dict[str, Any]]:
    """Of the sources as told, those that the answer cites, each with the words that its claim rests on; `end` is the
    done event."""
    claims = {number: check["sentence"] for check in reversed(end["checks"]) for number in check["numbers"]}
    return [
        {
            "number": item["number"],
            "document_id": item["document_id"],
            "title": item["title"],
            "page": item["location"]["page"],
            "quote": best_quote(claims.get(item["number"], ""), item["text"]).text,
            "url": item["url"],
        }
        for item in sources
        if item["number"] in end["citations"]
    ]
