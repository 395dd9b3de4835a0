"""Why was this not found? A document or passage, a question, and for managers a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.accounts.selectors import people
from apps.cabinets import access, selectors
from apps.cabinets.messages import sentence
from apps.cabinets.models import Cabinet, Chunk, Document
from apps.cabinets.views.guard import page, person
from apps.core.problems import Problem
from apps.quality.api_bench import person_for
from apps.quality.missing import Diagnosis, diagnose
from apps.quality.sentences import gate_advice, gate_name, gate_sentence, leg_name
from apps.quality.views.common import asked, frame, managed, said, uuid_of
from apps.rag.errors import RagError

MOST_FOUND = 20
MOST_CHUNKS = 300
MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Step:
    """A gate in words. `state` is passed, failed or unknown."""

    name: str
    state: str
    word: str
    sentence: str
    advice: str


@require_GET
@page
def why(request: HttpRequest) -> HttpResponse:
    """?q= the question, ?document=, ?chunk=, ?person=; ?find= looks for the document by its name."""
    user = person(request)
    document = _document(request, user)
    manages = (
        document is not None and access.managed_cabinets_for(user).filter(pk=document.cabinet_id).exists()
    )
    query, name = asked(request), request.GET.get("person", "").strip()[:150]
    context: dict[str, Any] = {
        **frame(managed(user), document.cabinet if document else None, here="why"),
        "query": query,
        "find": request.GET.get("find", "").replace("\0", "").strip()[:200],
        "document": document,
        "manages": manages,
        "person_name": name,
    }
    if document is None:
        context["matches"] = _matches(request, user, context["find"])
    else:
        chunk = _chunk(request, document)
        context |= {
            "chunk": chunk,
            "chunks": _chunks(document),
            "people": _people(document.cabinet, manages=manages),
        }
        if query:
            context |= _told(user, document, query, name=name, chunk=chunk)
    return render(request, "quality/why.html", context)


def _document(request: HttpRequest, user: User) -> Document | None:
    text = request.GET.get("document", "")
    if not text:
        return None
    if (key := uuid_of(text)) is None:
        raise Http404
    return access.document_for(user, key)


def _matches(request: HttpRequest, user: User, find: str) -> list[Document]:
    cabinet = uuid_of(request.GET.get("cabinet", ""))
    found = selectors.documents_for(user, query=find)
    if cabinet is not None:
        found = found.filter(cabinet=cabinet)
    return list(found[:MOST_FOUND])


def _chunk(request: HttpRequest, document: Document) -> Chunk | None:
    text = request.GET.get("chunk", "")
    if not text:
        return None
    key = uuid_of(text)
    found = document.chunks.filter(pk=key).first() if key else None
    if found is None:
        raise Http404
    return found


def _chunks(document: Document) -> list[Chunk]:
    return list(selectors.chunks_of(document).order_by("index")[:MOST_CHUNKS])


def _people(cabinet: Cabinet, *, manages: bool) -> list[User]:
    return list(people()[:MOST_PEOPLE]) if manages else []


def _told(user: User, document: Document, query: str, *, name: str, chunk: Chunk | None) -> dict[str, Any]:
    try:
        found = diagnose(document, query, person=person_for(user, document, name or None), chunk=chunk)
    except Problem as problem:
        return {"fault": said(problem)}
    except RagError as error:
        return {"fault": sentence(error.code)}
    return {"found": found, "steps": _steps(found), "legs": _legs(found)}


def _steps(found: Diagnosis) -> list[Step]:
    words = {"passed": _("Passed"), "failed": _("Stopped here"), "unknown": _("Not reached")}
    return [
        Step(gate_name(gate.name), gate.state, words[gate.state], gate_sentence(gate), gate_advice(gate))
        for gate in found.gates
    ]


def _legs(found: Diagnosis) -> list[dict[str, Any]]:
    return [
        {
            "label": leg_name(place.leg),
            "rank": place.rank,
            "score": f"{place.score:.3g}" if place.score is not None else "",
            "depth": place.depth,
            "last": f"{place.last:.3g}" if place.last is not None else "",
        }
        for place in found.legs
    ]
