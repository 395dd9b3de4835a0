"""Setting limits: by administrators, audited, in force from the next request on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts import limits
from apps.accounts.departments import department_named
from apps.accounts.models import ApiKey, Quota, User
from apps.accounts.trail import audit_record
from apps.core.problems import Problem, invalid


def quotas() -> QuerySet[Quota]:
    return Quota.objects.select_related("user", "department", "key__user").order_by(
        "user__username", "department__path", "key__name", "pk"
    )


def subject_of(row: Quota) -> str:
    """user:NAME, department:PATH, key:ID or everyone; as quota_set takes it."""
    if row.user is not None:
        return f"user:{row.user.username}"
    if row.department is not None:
        return f"department:{row.department.path}"
    return f"key:{row.key_id}" if row.key_id else "everyone"


@transaction.atomic
def quota_set(*, by: User, subject: str, **values: int | None) -> Quota:
    """The limits of one subject (subject_of), all four anew; None is no limit."""
    named = _subject(subject)
    row = Quota.objects.select_for_update(of=("self",)).filter(**named).first()
    if row is None and Quota.objects.count() >= limits.MOST_ROWS:
        raise Problem(409, _("At most %(most)d limits can be set.") % {"most": limits.MOST_ROWS}, code="full")
    row = row or Quota(**named, subject=next((str(one.pk) for one in named.values() if one), "everyone"))
    for name in limits.FIELDS:
        setattr(row, name, values.get(name))
    row.save()
    _changed()
    audit_record(by, action="quota.set", target=row, detail={"subject": subject, **values})
    return row


@transaction.atomic
def quota_delete(row: Quota, *, by: User) -> None:
    audit_record(by, action="quota.delete", target=row, detail={"subject": subject_of(row)})
    row.delete()
    _changed()


def _changed() -> None:
    """Now, and once more when others can see it: somebody may read the old rows in between."""
    limits.forget()
    transaction.on_commit(limits.forget)


def _subject(subject: str) -> dict[str, Any]:
    kind, _colon, name = subject.partition(":")
    named: dict[str, Any] = {"user": None, "department": None, "key": None}
    if subject == "everyone":
        return named
    found = {
        "user": lambda: User.objects.filter(username=name).first(),
        "department": lambda: department_named(name),
        "key": lambda: _key(name),
    }.get(kind, lambda: None)()
    if found is None:
        raise invalid("subject", _("There is no such person, department or key."))
    return {**named, kind: found}


def _key(text: str) -> ApiKey | None:
    try:
        return ApiKey.objects.filter(pk=UUID(text), revoked_at=None).first()
    except ValueError:
        return None
