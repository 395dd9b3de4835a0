"""REST for administrators: providers of chat models. Keys go in and never come out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.assistants import selectors, services
from apps.assistants.models import Provider
from apps.assistants.page_strings import model_fault
from apps.assistants.providers import for_chat

router = Router(tags=["models"])
ADMIN = ApiKey.Scope.ADMIN


class ProviderOut(Schema):
    id: UUID
    name: str
    base_url: str
    model: str
    is_default: bool
    enabled: bool
    has_key: bool
    created_at: datetime

    @staticmethod
    def resolve_has_key(provider: Provider) -> bool:
        return bool(provider.key)


class ProviderList(Schema):
    """`overridden`: the environment names an endpoint (LLM_BASE_URL), which goes before all of these."""

    items: list[ProviderOut]
    next_cursor: str | None = None
    overridden: bool


class ProviderIn(Schema):
    name: str = Field(..., max_length=80)
    base_url: str = Field(..., max_length=300)
    api_key: str = Field("", max_length=500)
    model: str = Field("", max_length=200)
    is_default: bool = False


class ProviderPatch(Schema):
    name: str | None = Field(None, max_length=80)
    base_url: str | None = Field(None, max_length=300)
    api_key: str | None = Field(None, max_length=500)
    model: str | None = Field(None, max_length=200)
    is_default: bool | None = None
    enabled: bool | None = None


class TryIn(Schema):
    """Without `api_key`, the key of `provider_id` is used, if the address is on the same host."""

    base_url: str = Field(..., max_length=300)
    api_key: str | None = Field(None, max_length=500)
    provider_id: UUID | None = None


class TryOut(Schema):
    ok: bool
    models: list[str]
    code: str
    message: str
    ms: int


@router.get("/providers", response=ProviderList, summary="Providers of chat models (administrators)")
def providers(request: HttpRequest):
    require_scope(request, ADMIN)
    return {
        "items": list(selectors.providers()),
        "next_cursor": None,
        "overridden": bool(settings.LLM_BASE_URL),
    }


@router.post("/providers", response={201: ProviderOut}, summary="Enter a provider")
def provider_create(request: HttpRequest, payload: ProviderIn):
    by = require_scope(request, ADMIN)
    return Status(201, services.provider_create(by=by, **payload.dict()))


@router.post("/providers/test", response=TryOut, summary="Ask an address for its models")
def provider_test(request: HttpRequest, payload: TryIn):
    require_scope(request, ADMIN)
    provider = _provider(payload.provider_id) if payload.provider_id else None
    listed = services.provider_try(base_url=payload.base_url, api_key=payload.api_key, provider=provider)
    message = model_fault(listed.error) if listed.error else ""
    models = for_chat(listed.models)[:200]
    return {
        "ok": not listed.error,
        "models": models,
        "code": listed.error,
        "message": message,
        "ms": listed.ms,
    }


@router.patch("/providers/{uuid:provider_id}", response=ProviderOut, summary="Change a provider")
def provider_update(request: HttpRequest, provider_id: UUID, payload: ProviderPatch):
    by = require_scope(request, ADMIN)
    changes = {name: value for name, value in payload.dict(exclude_unset=True).items() if value is not None}
    return services.provider_update(by=by, provider=_provider(provider_id), changes=changes)


@router.delete("/providers/{uuid:provider_id}", response={204: None}, summary="Remove a provider")
def provider_delete(request: HttpRequest, provider_id: UUID):
    by = require_scope(request, ADMIN)
    services.provider_delete(by=by, provider=_provider(provider_id))
    return Status(204, None)


def _provider(provider_id: UUID) -> Provider:
    provider = Provider.objects.filter(pk=provider_id).first()
    if provider is None:
        raise Http404
    return provider
