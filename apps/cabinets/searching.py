"""Search within a person's rights: the one call behind pages, REST and chat."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import selectors, tuning
from apps.cabinets.naming import documents_named
from apps.cabinets.readers import Reader, reader_of
from apps.core.database import release_connection
from apps.core.problems import invalid
from apps.rag import components
from apps.rag.query_vectors import QueryVector
from apps.rag.retrieval import RetrievalOptions, RetrievalResult, retrieve, vector_of
from apps.rag.types import Chunk, Hit, ScoredChunk, SearchScope

LONGEST_QUERY = 2000


def search(
    user: User,
    query: str,
    *,
    cabinet_ids: Collection[UUID] | None = None,
    folder_ids: Collection[UUID] | None = None,
    document_ids: Collection[UUID] | None = None,
    as_of: date | None = None,
    any_day: bool = False,
    options: RetrievalOptions | None = None,
    asked: Mapping[str, Any] | None = None,
) -> RetrievalResult:
    """Passages the person may read now. Without `options` the cabinets' own settings count, under what the
    caller `asked` for by name. Raises Problem 422 for a query that is empty or too long, StoreError when
    the store is down."""
    query = query.strip()
    if not query:
        raise invalid("query", _("Enter a question or words to look for."))
    if len(query) > LONGEST_QUERY:
        raise invalid("query", _("A query can have at most %(most)d characters.") % {"most": LONGEST_QUERY})
    asked = asked or {}
    # The vector is made in another process: the person's rights and the words are looked at meanwhile.
    early = options or tuning.make_options(asked)
    vector = vector_of(query, embedder=components.query_embedder(), options=early)
    reader = reader_of(user)
    scope = selectors.search_scope(
        reader,
        cabinet_ids=cabinet_ids,
        folder_ids=folder_ids,
        document_ids=document_ids,
        as_of=as_of,
        any_day=any_day,
    )
    options = options or tuning.options_for(scope, asked=asked)
    return search_scope(reader, query, scope, options=options, vector=vector)


def search_scope(
    user: User | Reader,
    query: str,
    scope: SearchScope,
    *,
    options: RetrievalOptions,
    vector: QueryVector | None = None,
) -> RetrievalResult:
    """As search, within a scope that was made for this person."""
    loader = selectors.passage_loader(user, as_of=scope.as_of)
    release_connection()  # nothing is held while a model embeds the query

    def load(hits: list[Hit]) -> dict[UUID, Chunk]:
        found = loader(hits)
        release_connection()
        return found

    return retrieve(
        query,
        scope,
        store=components.store(),
        embedder=components.query_embedder(),
        sparse=components.sparse(),
        reranker=components.reranker(),
        load=load,
        locate=lambda facets: documents_named(user, facets),
        options=options,
        vector=vector,
    )


def location(passage: ScoredChunk) -> dict:
    """Where a passage stands, in the shape of the REST contract."""
    chunk = passage.chunk
    return {
        "page": chunk.page_start,
        "page_end": chunk.page_end,
        "headings": list(chunk.headings),
        "boxes": [[box.page, box.x0, box.y0, box.x1, box.y1] for box in chunk.boxes],
        "sheet": chunk.sheet,
        "cells": chunk.cells,
    }


def passage_url(passage: ScoredChunk) -> str:
    return f"/documents/{passage.chunk.document_id}/?chunk={passage.chunk.id}"
