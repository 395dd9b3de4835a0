"""What the tools do, behind the same gate as pages and REST. Plain functions; JSON-like results, all bounded."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets.access import cabinets_for, document_for, visible_documents
from apps.cabinets.models import Cabinet
from apps.cabinets.searching import location, passage_url, search
from apps.chat.answering import answer_events
from apps.chat.ask import Ask
from apps.chat.asking import ask_once
from apps.chat.services import LONGEST_QUESTION
from apps.chat.sourcing import cited_items
from apps.core.problems import Problem
from apps.rag.retrieval import RetrievalOptions

MOST_CABINETS = 200
MOST_PASSAGES = 20
PAGE_CHARACTERS = 20_000
Result = dict[str, Any]


def list_cabinets(user: User) -> Result:
    readable = Q(documents__in=visible_documents(user).values("pk"))
    rows = cabinets_for(user).order_by("name").annotate(count=Count("documents", filter=readable))
    cabinets = list(rows[: MOST_CABINETS + 1])
    shown = [
        {"slug": row.slug, "name": row.name, "description": row.description[:500], "documents": row.count}
        for row in cabinets[:MOST_CABINETS]
    ]
    return {"cabinets": shown, "more": len(cabinets) > MOST_CABINETS}


def find(user: User, query: str, cabinets: Sequence[str], limit: int) -> Result:
    options = RetrievalOptions(limit=max(1, min(limit, MOST_PASSAGES)))
    result = search(user, query, cabinet_ids=_cabinet_ids(user, cabinets), options=options)
    passages = [
        {
            "document_id": str(passage.chunk.document_id),
            "title": passage.chunk.title,
            "text": passage.chunk.text,
            "page": location(passage)["page"],
            "headings": location(passage)["headings"],
            "score": round(passage.score, 4),
            "url": passage_url(passage),
        }
        for passage in result.passages
    ]
    return {"passages": passages}


def read_document(user: User, document_id: str, start: int) -> Result:
    """Its text from passage `start` on, at most 20,000 characters and at least one passage."""
    try:
        document = document_for(user, UUID(document_id))
    except ValueError:
        raise Problem(404, _("There is nothing here, or it is not yours."), code="not_found") from None
    rows = document.chunks.filter(
        generation=document.active_generation or 0, enabled=True, index__gte=max(0, start)
    )
    parts: list[str] = []
    length, following = 0, None
    for row in rows.order_by("index").iterator(chunk_size=100):
        if parts and length + len(row.text) > PAGE_CHARACTERS:
            following = row.index
            break
        parts.append(row.text)
        length += len(row.text)
    return {
        "document_id": str(document.pk),
        "title": document.title,
        "cabinet": document.cabinet.name,
        "status": document.status,
        "text": "\n\n".join(parts),
        "next_start": following,
    }


async def ask(user: User, question: str, cabinets: Sequence[str]) -> Result:
    """An answer from the documents with its citations. Raises Problem where the model or the store failed."""
    prepared = await sync_to_async(_prepare, thread_sensitive=False)(user, question, cabinets)
    text: list[str] = []
    sources: list[Result] = []
    end: Result = {}
    async with aclosing(answer_events(prepared)) as events:
        async for name, data in events:
            if name == "delta":
                text.append(data["text"])
            elif name == "sources":
                sources = data["items"]
            elif name == "error":
                raise Problem(502, data["message"], code=data["code"])
            elif name == "done":
                end = data
    return {"answer": "".join(text), "citations": cited_items(sources, end), "model": prepared.model_name}


def _prepare(user: User, question: str, cabinets: Sequence[str]) -> Ask:
    question = question.strip()
    if not question or len(question) > LONGEST_QUESTION:
        raise Problem(
            422, _("A question has 1 to %(most)d characters.") % {"most": LONGEST_QUESTION}, code="invalid"
        )
    return ask_once(user, content=question, history=[], cabinet_ids=_cabinet_ids(user, cabinets))


def _cabinet_ids(user: User, names: Sequence[str]) -> list[UUID] | None:
    """Cabinets by slug or by name; None for all that the person may read. One that is not theirs is not there."""
    if not names:
        return None
    if len(names) > MOST_CABINETS:
        raise Problem(422, _("Too many cabinets at once."), code="invalid")
    found: dict[str, Cabinet] = {}
    for cabinet in cabinets_for(user).filter(Q(slug__in=list(names)) | Q(name__in=list(names))):
        found |= {cabinet.slug: cabinet, cabinet.name: cabinet}
    missing = [name for name in names if name not in found]
    if missing:
        raise Problem(404, _("There is no cabinet %(name)s.") % {"name": missing[0][:100]}, code="not_found")
    return [found[name].pk for name in names]
