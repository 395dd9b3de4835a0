"""Asking for access, and deciding with a click."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.trail import audit_record
from apps.cabinets.models import AccessRequest, Cabinet, Document, Folder
from apps.cabinets.services.grants import grant_add
from apps.core.problems import Problem

MOST_OPEN = 20
State = AccessRequest.State


@transaction.atomic
def access_request(*, by: User, target: UUID, role: str, reason: str = "") -> AccessRequest:
    """The same answer whether there is such a thing or not. Asked again, the open request is answered."""
    mine = AccessRequest.objects.filter(user=by, state=State.OPEN)
    if existing := mine.filter(target=target).first():
        return existing
    if mine.count() >= MOST_OPEN:
        detail = _("You have %(most)d requests waiting. Wait until some of them are decided.")
        raise Problem(429, detail % {"most": MOST_OPEN}, code="requests", retry_after=3600)
    cabinet, folder, title = _place(target)
    made = AccessRequest.objects.create(
        user=by, target=target, cabinet=cabinet, folder=folder, title=title, role=role, reason=reason.strip()
    )
    audit_record(by, action="access.request", target=made, detail={"role": role})
    return made


def _place(target: UUID) -> tuple[Cabinet | None, Folder | None, str]:
    """Where a role would be granted. What is personal is nobody's to give."""
    document = Document.objects.exclude(status="deleting").select_related("folder").filter(pk=target).first()
    folder = document.folder if document is not None else Folder.objects.filter(pk=target).first()
    key = folder.cabinet_id if folder is not None else target
    cabinet = Cabinet.objects.filter(pk=key, deleted_at=None, personal=False).first()
    if cabinet is None:
        return None, None, ""
    inner = folder if folder is not None and not folder.is_root else None
    return cabinet, inner, document.title if document is not None else ""


@transaction.atomic
def request_decide(request: AccessRequest, *, by: User, approve: bool) -> AccessRequest:
    """Approving grants the role by name. Raises Problem 409 when somebody decided already."""
    found = AccessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if found.state != State.OPEN:
        raise Problem(409, _("This request was decided already."), code="decided")
    found.state = State.APPROVED if approve else State.REFUSED
    found.decided_by, found.decided_at = by, timezone.now()
    found.save(update_fields=["state", "decided_by", "decided_at"])
    if approve:
        assert request.cabinet is not None  # nobody manages what is nowhere
        grant_add(by=by, cabinet=request.cabinet, folder=request.folder, user=request.user, role=request.role)
    action = "access.approve" if approve else "access.refuse"
    audit_record(by, action=action, target=found, detail={"for": request.user.username, "role": found.role})
    request.state = found.state
    return request
