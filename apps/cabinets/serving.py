"""Which index of the vector store serves: one row, changed in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import connection

from apps.cabinets.models import RerankerChoice, SearchIndex
from apps.rag import components
from apps.rag.errors import StoreError

State = SearchIndex.State


def serving_index() -> tuple[str, dict[str, Any], dict[str, Any]]:
    """(name, embedder, reranker) of what serves; settings.RAG["INDEX"] names this function."""
    was_open = connection.connection is not None
    try:
        row = SearchIndex.objects.filter(state=State.SERVING).values_list("name", "embedder").first()
        reranker = chosen_reranker()
    finally:
        if not was_open and not connection.in_atomic_block:
            connection.close()  # it was asked by somebody who holds no connection on purpose
    name, embedder = row or ("", {})
    return name, embedder, reranker


def chosen_reranker() -> dict[str, Any]:
    """What was chosen last; empty where nothing was, or where the environment was changed since."""
    row = RerankerChoice.objects.order_by("-pk").values_list("reranker", "chosen_over").first()
    return row[0] if row and row[1] == components.configured("RERANKER") else {}


def wanted_embedder() -> dict[str, Any]:
    """What a new index is made with: the chosen embedder, or the environment's where that was changed since."""
    configured = components.configured()
    row = SearchIndex.objects.filter(state=State.SERVING).values_list("embedder", "chosen_over").first()
    return row[0] if row and row[1] == configured else configured


def index_record() -> None:
    """Write down with which embedder the configured collection is made, once it could be opened with it: from
    then on another EMBED_MODEL asks for a re-index instead of breaking the search."""
    if SearchIndex.objects.filter(state=State.SERVING).exists():
        return
    if not connection.in_atomic_block:
        connection.close()
    components.store()
    spec, dimension = components.configured(), components.query_embedder().dimension
    SearchIndex.objects.get_or_create(
        name="", defaults={"state": State.SERVING, "embedder": spec, "dimension": dimension}
    )


def index_hold(of: components.Index) -> None:
    """Within a transaction: this index serves until its end. Raises StoreError (retryable) if it no longer does."""
    row = SearchIndex.objects.select_for_update().filter(state=State.SERVING).first()
    if (row.name if row else "") != of.name:
        raise StoreError("The index was switched meanwhile.", retryable=True)


def embedder_is_as_configured() -> bool:
    row = SearchIndex.objects.filter(state=State.SERVING).first()
    return row is None or row.embedder == wanted_embedder()
