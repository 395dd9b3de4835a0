"""Changes to cabinets, folders and grants. Who may do it is decided by the caller through access.py."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.models import Cabinet, Document, Folder, Grant, Role
from apps.cabinets.services.deletion import documents_tombstone
from apps.cabinets.services.names import clean_name
from apps.cabinets.tuning import checked
from apps.core.problems import Problem


@transaction.atomic
def cabinet_create(*, by: User, name: str, description: str = "", suggestions: dict | None = None) -> Cabinet:
    """A cabinet with its root folder, managed by its maker."""
    _require_whole_key(by)
    name = clean_name(name)
    cabinet = Cabinet.objects.create(
        name=name,
        slug=_free_slug(name),
        description=description.strip()[:2000],
        suggestions=suggestions or {},
        created_by=by,
    )
    root_id = uuid.uuid4()
    Folder.objects.create(id=root_id, cabinet=cabinet, tree=f"/{root_id}/")
    Grant.objects.create(cabinet=cabinet, user=by, role=Role.MANAGER)
    audit_record(by, action="cabinet.create", target=cabinet)
    return cabinet


@transaction.atomic
def personal_cabinet_create(*, by: User, name: str) -> Cabinet:
    """A cabinet for what one person attaches to one conversation (apps/chat/attaching.py)."""
    _require_whole_key(by)
    cabinet = Cabinet.objects.create(
        name=clean_name(name), slug=f"p-{uuid.uuid4().hex}", personal=True, created_by=by
    )
    root_id = uuid.uuid4()
    Folder.objects.create(id=root_id, cabinet=cabinet, tree=f"/{root_id}/")
    Grant.objects.create(cabinet=cabinet, user=by, role=Role.CONTRIBUTOR)
    audit_record(by, action="cabinet.create", target=cabinet, detail={"personal": True})
    return cabinet


def _require_whole_key(by: User) -> None:
    if by.only_cabinets is not None:
        raise Problem(403, _("This key is restricted to other cabinets."), code="scope")


def _free_slug(name: str) -> str:
    base = slugify(name, allow_unicode=True)[:48] or "cabinet"
    if not Cabinet.objects.filter(slug=base).exists():
        return base
    return f"{base}-{uuid.uuid4().hex[:6]}"


@transaction.atomic
def cabinet_update(
    cabinet: Cabinet, *, by: User, name: str | None = None, description: str | None = None
) -> Cabinet:
    if name is not None:
        cabinet.name = clean_name(name)
    if description is not None:
        cabinet.description = description.strip()[:2000]
    cabinet.save(update_fields=["name", "description"])
    audit_record(by, action="cabinet.update", target=cabinet)
    return cabinet


@transaction.atomic
def cabinet_tune(cabinet: Cabinet, *, by: User, values: Mapping[str, Any]) -> Cabinet:
    """Set how this cabinet is searched, as a whole; what is not named is the default. Raises Problem 422."""
    before, cabinet.retrieval = cabinet.retrieval, checked(values)
    cabinet.save(update_fields=["retrieval"])
    detail = {"before": before, "after": cabinet.retrieval}
    audit_record(by, action="cabinet.retrieval", target=cabinet, detail=detail)
    return cabinet


@transaction.atomic
def cabinet_delete(cabinet: Cabinet, *, by: User | None) -> None:
    """Invisible at once; its documents are tombstoned and cleared away by the worker."""
    cabinet.deleted_at = timezone.now()
    cabinet.save(update_fields=["deleted_at"])
    audit_record(by, action="cabinet.delete", target=cabinet)
    documents_tombstone(Document.objects.filter(cabinet=cabinet), by=by)
