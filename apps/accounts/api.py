"""REST: one's own profile and keys; people for administrators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from pydantic import StrictBool, StrictInt

from apps.accounts import devices, selectors, services, two_step
from apps.accounts.auth import require_scope
from apps.accounts.keys import LONGEST_GRACE_HOURS
from apps.accounts.models import ApiKey, User
from apps.core.pagination import paginate
from apps.core.problems import Problem, invalid

router = Router(tags=["accounts"])


class KeyIn(Schema):
    name: str = Field("", max_length=120)
    scopes: list[str] = Field(..., max_length=10)
    expires_at: datetime | None = None
    cabinet_ids: list[UUID] = Field([], max_length=200)
    signed: bool = False


class KeyRotateIn(Schema):
    grace_hours: float = Field(24, ge=0, le=LONGEST_GRACE_HOURS)


class KeyOut(Schema):
    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    cabinet_ids: list[UUID]
    signed: bool
    previous_until: datetime | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class NewKeyOut(KeyOut):
    secret: str


class MeIn(Schema):
    language: str | None = None
    theme: str | None = None
    display_name: str | None = Field(None, max_length=120)
    old_password: str | None = Field(None, max_length=200)
    new_password: str | None = Field(None, max_length=200)


class UserOut(Schema):
    id: UUID
    username: str
    display_name: str
    is_active: bool
    is_administrator: bool = Field(alias="is_superuser")
    departments: list[str]
    teams: list[str]
    clearance: int
    language: str
    theme: str

    @staticmethod
    def resolve_departments(user: User) -> list[str]:
        return [department.path for department in user.departments.all()]

    @staticmethod
    def resolve_teams(user: User) -> list[str]:
        return [group.name for group in user.teams.all()]


class UserIn(Schema):
    username: str = Field(..., max_length=150)
    password: str = Field(..., max_length=200)
    display_name: str = Field("", max_length=120)
    is_administrator: StrictBool = False
    departments: list[str] = Field([], max_length=50)


class UserPatch(Schema):
    is_active: StrictBool | None = None
    is_administrator: StrictBool | None = None
    password: str | None = Field(None, max_length=200)
    display_name: str | None = Field(None, max_length=120)
    departments: list[str] | None = Field(None, max_length=50)
    teams: list[str] | None = Field(None, max_length=200, description="Names of groups")
    clearance: Annotated[StrictInt, Field(ge=0, le=3)] | None = None


class UserList(Schema):
    items: list[UserOut]
    next_cursor: str | None


def own_session(request: HttpRequest) -> User:
    """Profile and keys are changed by the person at a browser, never by a key."""
    if isinstance(getattr(request, "auth", None), ApiKey):
        raise Problem(403, _("Sign in with a browser to change this."), code="session")
    return request.user  # type: ignore[return-value]


@router.get("/me", response=UserOut, summary="Who I am")
def me(request: HttpRequest):
    return request.user


@router.patch("/me", response=UserOut, summary="Change my profile")
def me_update(request: HttpRequest, payload: MeIn):
    user = own_session(request)
    if payload.new_password is not None:
        if not user.check_password(payload.old_password or ""):
            raise invalid("old_password", _("The current password is not right."))
        services.user_set_password(by=user, user=user, password=payload.new_password)
        _keep_session(request, user)
    services.user_set_preferences(
        user, language=payload.language, theme=payload.theme, display_name=payload.display_name
    )
    return user


def _keep_session(request: HttpRequest, user: User) -> None:
    from django.contrib.auth import update_session_auth_hash

    update_session_auth_hash(request, user)
    devices.moved(request)
    devices.end(devices.others_of(user, request))


@router.get("/keys", response=list[KeyOut], summary="My API keys")
def keys(request: HttpRequest):
    return selectors.api_keys_for(own_session(request))[:200]


@router.post("/keys", response={201: NewKeyOut}, summary="Make an API key; the secret is shown once")
def key_create(request: HttpRequest, response: HttpResponse, payload: KeyIn):
    user = own_session(request)
    response["Cache-Control"] = "no-store"  # nor kept for an Idempotency-Key: it holds the secret
    key, secret = services.api_key_create(
        by=user,
        user=user,
        name=payload.name,
        scopes=payload.scopes,
        expires_at=payload.expires_at,
        cabinet_ids=payload.cabinet_ids,
        signed=payload.signed,
    )
    key.secret = secret  # type: ignore[attr-defined]
    return Status(201, key)


@router.post("/keys/{uuid:key_id}/rotate", response=NewKeyOut, summary="A new secret for a key")
def key_rotate(request: HttpRequest, response: HttpResponse, key_id: UUID, payload: KeyRotateIn):
    """The secret of now works for `grace_hours` more."""
    user = own_session(request)
    response["Cache-Control"] = "no-store"
    key = _own_key(user, key_id)
    secret = services.api_key_rotate(by=user, key=key, grace=timedelta(hours=payload.grace_hours))
    key.refresh_from_db()
    key.secret = secret  # type: ignore[attr-defined]
    return key


def _own_key(user: User, key_id: UUID) -> ApiKey:
    key = selectors.api_keys_for(user).filter(pk=key_id).first()
    if key is None:
        raise Http404
    return key


@router.delete("/keys/{uuid:key_id}", response={204: None}, summary="Revoke an API key")
def key_revoke(request: HttpRequest, key_id: UUID):
    user = own_session(request)
    services.api_key_revoke(by=user, key=_own_key(user, key_id))
    return Status(204, None)


@router.get("/users", response=UserList, summary="People (administrators)")
def users(request: HttpRequest, limit: int = 50, cursor: str | None = None, q: str = ""):
    require_scope(request, ApiKey.Scope.ADMIN)
    items, following = paginate(selectors.people(query=q), limit=limit, cursor=cursor, by="username")
    return {"items": items, "next_cursor": following}


@router.post("/users", response={201: UserOut}, summary="Add a person")
def user_create(request: HttpRequest, payload: UserIn):
    by = require_scope(request, ApiKey.Scope.ADMIN)
    user = services.user_create(
        by=by,
        username=payload.username,
        password=payload.password,
        display_name=payload.display_name,
        is_administrator=payload.is_administrator,
        department_names=payload.departments,
    )
    return Status(201, user)


@router.patch("/users/{uuid:user_id}", response=UserOut, summary="Change a person")
def user_update(request: HttpRequest, user_id: UUID, payload: UserPatch):
    by = require_scope(request, ApiKey.Scope.ADMIN)
    user = selectors.people().filter(pk=user_id).first()
    if user is None:
        raise Http404
    return services.user_update(by=by, user=user, **payload.dict(exclude_unset=True))


@router.delete("/users/{uuid:user_id}/two-step", response={204: None}, summary="Turn a second step off")
def user_two_step_off(request: HttpRequest, user_id: UUID):
    """For somebody who lost the authenticator and the recovery codes."""
    by = require_scope(request, ApiKey.Scope.ADMIN)
    user = selectors.people().filter(pk=user_id).first()
    if user is None:
        raise Http404
    two_step.turn_off(user, by=by)
    return Status(204, None)
