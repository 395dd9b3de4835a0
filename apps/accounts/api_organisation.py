"""REST: departments and groups, for administrators."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from apps.accounts import departments as services
from apps.accounts import selectors
from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, Department, Group, User
from apps.core.pagination import paginate
from apps.core.problems import invalid

router = Router(tags=["organisation"])
ADMIN = ApiKey.Scope.ADMIN
MOST_NAMED = 1000


class DepartmentOut(Schema):
    id: UUID
    name: str
    path: str
    parent_id: UUID | None
    heads: list[str]
    source: str

    @staticmethod
    def resolve_heads(department: Department) -> list[str]:
        return [person.username for person in department.heads.all()]


class DepartmentIn(Schema):
    name: str = Field(..., max_length=200)
    parent_id: UUID | None = None


class DepartmentPatch(Schema):
    name: str | None = Field(None, max_length=200)
    parent_id: UUID | None = Field(None, description="null moves it to the top")
    heads: list[str] | None = Field(None, max_length=50, description="user names")


class GroupOut(Schema):
    id: UUID
    name: str
    description: str
    members: list[str]
    source: str

    @staticmethod
    def resolve_members(group: Group) -> list[str]:
        return sorted(person.username for person in group.members.all())


class GroupIn(Schema):
    name: str = Field(..., max_length=200)
    description: str = Field("", max_length=500)


class GroupPatch(Schema):
    name: str | None = Field(None, max_length=200)
    description: str | None = Field(None, max_length=500)
    members: list[str] | None = Field(None, max_length=MOST_NAMED, description="user names")


class DepartmentList(Schema):
    items: list[DepartmentOut]
    next_cursor: str | None


class GroupList(Schema):
    items: list[GroupOut]
    next_cursor: str | None


@router.get("/departments", response=DepartmentList, summary="The departments, by path")
def departments(request: HttpRequest, limit: int = 100, cursor: str | None = None):
    require_scope(request, ADMIN)
    rows = selectors.departments().prefetch_related("heads")
    items, following = paginate(rows, limit=limit, cursor=cursor, by="path")
    return {"items": items, "next_cursor": following}


@router.post("/departments", response={201: DepartmentOut})
def department_create(request: HttpRequest, payload: DepartmentIn):
    by = require_scope(request, ADMIN)
    parent = _department(payload.parent_id) if payload.parent_id else None
    return Status(201, services.department_create(by=by, name=payload.name, parent=parent))


@router.patch("/departments/{uuid:department_id}", response=DepartmentOut, summary="Rename, move, name heads")
def department_update(request: HttpRequest, department_id: UUID, payload: DepartmentPatch):
    by = require_scope(request, ADMIN)
    found = _department(department_id)
    given = payload.dict(exclude_unset=True)
    if "name" in given or "parent_id" in given:
        parent = _department(payload.parent_id) if payload.parent_id else None
        to_top = "parent_id" in given and parent is None
        found = services.department_update(found, by=by, name=payload.name, parent=parent, to_top=to_top)
    if payload.heads is not None:
        services.department_set_heads(found, by=by, heads=_people(payload.heads, "heads"))
    return found


@router.delete("/departments/{uuid:department_id}", response={204: None})
def department_delete(request: HttpRequest, department_id: UUID):
    by = require_scope(request, ADMIN)
    services.department_delete(_department(department_id), by=by)
    return Status(204, None)


@router.get("/groups", response=GroupList, summary="The groups, by name")
def groups(request: HttpRequest, limit: int = 100, cursor: str | None = None):
    require_scope(request, ADMIN)
    rows = selectors.groups().prefetch_related("members")
    items, following = paginate(rows, limit=limit, cursor=cursor, by="name")
    return {"items": items, "next_cursor": following}


@router.post("/groups", response={201: GroupOut})
def group_create(request: HttpRequest, payload: GroupIn):
    by = require_scope(request, ADMIN)
    return Status(201, services.group_create(by=by, name=payload.name, description=payload.description))


@router.patch("/groups/{uuid:group_id}", response=GroupOut, summary="Rename, describe, replace the members")
def group_update(request: HttpRequest, group_id: UUID, payload: GroupPatch):
    by = require_scope(request, ADMIN)
    members = _people(payload.members, "members") if payload.members is not None else None
    return services.group_update(
        _group(group_id), by=by, name=payload.name, description=payload.description, members=members
    )


@router.delete("/groups/{uuid:group_id}", response={204: None})
def group_delete(request: HttpRequest, group_id: UUID):
    by = require_scope(request, ADMIN)
    services.group_delete(_group(group_id), by=by)
    return Status(204, None)


def _department(key: UUID) -> Department:
    found = Department.objects.filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _group(key: UUID) -> Group:
    found = Group.objects.filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _people(names: list[str], field: str) -> list[User]:
    found = list(User.objects.filter(username__in=names))
    if missing := sorted(set(names) - {person.username for person in found}):
        raise invalid(field, _("There is no person called “%(name)s”.") % {"name": missing[0][:150]})
    return found
