"""REST: how a cabinet is searched, and why something was not found."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, User
from apps.cabinets import access, tuning
from apps.cabinets.models import Cabinet, Chunk, Document
from apps.cabinets.services.cabinets import cabinet_tune
from apps.core.problems import invalid
from apps.quality.missing import Diagnosis, diagnose
from apps.quality.schemas import RetrievalSettings, SettingsOut, WhyIn, WhyOut
from apps.quality.sentences import gate_advice, gate_sentence

router = Router(tags=["quality"])
READ, WRITE, SEARCH = ApiKey.Scope.DOCUMENTS_READ, ApiKey.Scope.DOCUMENTS_WRITE, ApiKey.Scope.SEARCH


@router.get("/cabinets/{uuid:cabinet_id}/retrieval", response=SettingsOut, summary="How it is searched")
def retrieval(request: HttpRequest, cabinet_id: UUID):
    return _settings(access.managed_cabinet_for(require_scope(request, READ), cabinet_id))


@router.put("/cabinets/{uuid:cabinet_id}/retrieval", response=SettingsOut, summary="Set how it is searched")
def retrieval_set(request: HttpRequest, cabinet_id: UUID, payload: RetrievalSettings):
    """As a whole. Search and answers obey it from the next question on; where several cabinets are searched,
    a parameter counts on which all of them agree."""
    user = require_scope(request, WRITE)
    cabinet = access.managed_cabinet_for(user, cabinet_id)
    return _settings(cabinet_tune(cabinet, by=user, values=payload.dict(exclude_none=True)))


def _settings(cabinet: Cabinet) -> dict:
    return {
        "settings": tuning.settings_of(cabinet),
        "defaults": tuning.default_settings(),
        "changed": sorted(cabinet.retrieval),
    }


@router.post("/search/why", response=WhyOut, summary="Why was this not found?")
def why(request: HttpRequest, payload: WhyIn):
    """Of one document or passage: each gate between the question and the answer, and where it stopped.
    `person` asks for the rights of another one, for managers of the cabinet."""
    user = require_scope(request, SEARCH)
    document = access.document_for(user, payload.document_id)
    chunk = chunk_of(document, payload.chunk_id) if payload.chunk_id else None
    found = diagnose(document, payload.query, person=person_for(user, document, payload.person), chunk=chunk)
    return why_out(found)


def person_for(user: User, document: Document, name: str | None) -> User:
    """For whom it is asked: oneself, or, for managers of the cabinet, anybody."""
    if not name or name == user.username:
        return user
    access.managed_cabinet_for(user, document.cabinet_id)
    person = User.objects.filter(username=name).first()
    if person is None:
        raise invalid("person", _("There is nobody with this name."))
    return person


def chunk_of(document: Document, chunk_id: UUID) -> Chunk:
    chunk = document.chunks.filter(pk=chunk_id).first()
    if chunk is None:
        raise Http404
    return chunk


def why_out(found: Diagnosis) -> dict:
    stopped = found.stopped_at
    return {
        "found": found.found,
        "rank": found.rank,
        "stopped_at": stopped.name if stopped else None,
        "gates": [
            {
                "name": gate.name,
                "state": gate.state,
                "code": gate.code,
                "sentence": gate_sentence(gate),
                "advice": gate_advice(gate),
                "facts": dict(gate.facts),
            }
            for gate in found.gates
        ],
        "legs": found.legs,
        "chunk_id": found.chunk.pk if found.chunk else None,
    }
