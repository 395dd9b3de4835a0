"""REST: assistants."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, User
from apps.assistants import access, making
from apps.assistants.models import Assistant
from apps.assistants.parameters import Parameters
from apps.cabinets.access import cabinets_for
from apps.core.pagination import paginate

router = Router(tags=["assistants"])
CHAT = ApiKey.Scope.CHAT


class Example(Schema):
    question: str = Field(..., max_length=1000)
    answer: str = Field(..., max_length=2000)


class AssistantPatch(Schema):
    name: str = Field("", max_length=200)
    description: str = Field("", max_length=1000)
    role: str = Field("", max_length=5000)
    task: str = Field("", max_length=5000)
    requirements: str = Field("", max_length=5000)
    supplement: str = Field("", max_length=5000)
    examples: list[Example] = Field([], max_length=50)
    questions: list[str] = Field([], max_length=50)
    cabinet_ids: list[UUID] = Field([], max_length=1000)
    model: str = Field("", max_length=200)
    parameters: Parameters = Parameters()
    everyone: bool = False
    departments: list[str] = Field([], max_length=200)

    def named(self) -> dict:
        """What the caller named, ready for the services."""
        fields = self.dict(exclude_unset=True)
        if "parameters" in fields:
            fields["parameters"] = self.parameters.chosen()
        return fields


class AssistantIn(AssistantPatch):
    name: str = Field(..., max_length=200)


class AssistantOut(Schema):
    id: UUID
    name: str
    slug: str
    description: str
    role: str
    task: str
    requirements: str
    supplement: str
    examples: list[Example]
    questions: list[str]
    cabinet_ids: list[UUID]
    model: str
    parameters: dict[str, float]
    everyone: bool
    departments: list[str]
    owner: str = Field(alias="owner.username")
    updated_at: datetime

    @staticmethod
    def resolve_cabinet_ids(assistant: Assistant) -> list[UUID]:
        return [cabinet.pk for cabinet in assistant.cabinets.all()]

    @staticmethod
    def resolve_departments(assistant: Assistant) -> list[str]:
        return [department.path for department in assistant.departments.all()]


class AssistantList(Schema):
    items: list[AssistantOut]
    next_cursor: str | None


@router.get("/assistants", response=AssistantList, summary="Assistants that I may use")
def assistants(request: HttpRequest, limit: int = 50, cursor: str | None = None):
    user = require_scope(request, CHAT)
    rows = access.assistants_for(user).select_related("owner").prefetch_related(*_shown_parts(user))
    items, following = paginate(rows, limit=limit, cursor=cursor, by="name")
    return {"items": items, "next_cursor": following}


def _shown_parts(user: User) -> tuple[Prefetch, str]:
    """Of its cabinets those that the caller may read."""
    return Prefetch("cabinets", queryset=cabinets_for(user)), "departments"


def _shown(user: User, assistant: Assistant) -> Assistant:
    prefetch_related_objects([assistant], *_shown_parts(user))
    return assistant


@router.post("/assistants", response={201: AssistantOut})
def assistant_create(request: HttpRequest, payload: AssistantIn):
    user = require_scope(request, CHAT)
    return Status(201, _shown(user, making.assistant_create(by=user, **payload.named())))


@router.get("/assistants/{uuid:assistant_id}", response=AssistantOut)
def assistant(request: HttpRequest, assistant_id: UUID):
    user = require_scope(request, CHAT)
    return _shown(user, access.assistant_for(user, assistant_id))


@router.patch("/assistants/{uuid:assistant_id}", response=AssistantOut)
def assistant_update(request: HttpRequest, assistant_id: UUID, payload: AssistantPatch):
    """What is not named stays. Its maker and administrators may."""
    user = require_scope(request, CHAT)
    found = access.changeable_assistant_for(user, assistant_id)
    return _shown(user, making.assistant_update(found, by=user, **payload.named()))


@router.delete("/assistants/{uuid:assistant_id}", response={204: None})
def assistant_delete(request: HttpRequest, assistant_id: UUID):
    user = require_scope(request, CHAT)
    making.assistant_delete(access.changeable_assistant_for(user, assistant_id), by=user)
    return Status(204, None)


@router.post(
    "/assistants/{uuid:assistant_id}/copy", response={201: AssistantOut}, summary="Make a copy of one's own"
)
def assistant_copy(request: HttpRequest, assistant_id: UUID):
    user = require_scope(request, CHAT)
    return Status(201, _shown(user, making.assistant_copy(access.assistant_for(user, assistant_id), by=user)))
