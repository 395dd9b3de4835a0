"""Changes to people and keys. Each is written into the audit trail in its own transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from apps.accounts import devices, keys
from apps.accounts.departments import department_ensure, groups_named
from apps.accounts.models import ApiKey, Clearance, User
from apps.accounts.trail import audit_record
from apps.core.problems import Problem, invalid


@transaction.atomic
def user_create(
    *,
    by: User | None,
    username: str,
    password: str,
    display_name: str = "",
    is_administrator: bool = False,
    department_names: Sequence[str] = (),
) -> User:
    user = User(username=username.strip(), display_name=display_name.strip())
    user.is_superuser = user.is_staff = is_administrator
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
    except ValidationError as error:
        field = next(iter(error.message_dict)) if hasattr(error, "error_dict") else "password"
        raise invalid(field, " ".join(error.messages)) from None
    except IntegrityError:
        raise invalid("username", _("This name is taken.")) from None
    user.departments.set([department_ensure(name, by=by) for name in department_names])
    audit_record(by, action="user.create", target=user, detail={"administrator": is_administrator})
    return user


@transaction.atomic
def user_set_active(*, by: User | None, user: User, active: bool) -> None:
    """Deactivation acts on the next request: sessions and keys read this row every time."""
    if user == by and not active:
        raise Problem(409, _("You cannot deactivate yourself."), code="self")
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        devices.end_all(user)
    transaction.on_commit(lambda: _tell_of(user.pk, active=active))
    audit_record(by, action="user.activate" if active else "user.deactivate", target=user)


def _tell_of(user_id: UUID, *, active: bool) -> None:
    """What runs in somebody's name ends with them; who knows of it is named by path, as it lies above."""
    for path in settings.PERSON_CHANGED:
        import_string(path)(user_id, active=active)


@transaction.atomic
def user_update(
    *,
    by: User,
    user: User,
    is_active: bool | None = None,
    is_administrator: bool | None = None,
    password: str | None = None,
    display_name: str | None = None,
    departments: Sequence[str] | None = None,
    teams: Sequence[str] | None = None,
    clearance: int | None = None,
) -> User:
    """An administrator's change of a person; what is None stays."""
    if is_active is not None and is_active != user.is_active:
        user_set_active(by=by, user=user, active=is_active)
    if is_administrator is not None and is_administrator != user.is_superuser:
        if user == by:
            raise Problem(409, _("You cannot take the administrator role from yourself."), code="self")
        user.is_superuser = user.is_staff = is_administrator
        user.save(update_fields=["is_superuser", "is_staff"])
        audit_record(by, action="user.role", target=user, detail={"administrator": is_administrator})
    if password is not None:
        user_set_password(by=by, user=user, password=password)
    if display_name is not None:
        user_set_preferences(user, display_name=display_name)
        audit_record(by, action="user.rename", target=user, detail={"display_name": user.display_name})
    if departments is not None:
        user.departments.set([department_ensure(name, by=by) for name in departments])
        audit_record(by, action="user.departments", target=user, detail={"departments": list(departments)})
    if teams is not None:
        user.teams.set(groups_named(teams))
        audit_record(by, action="user.teams", target=user, detail={"groups": list(teams)})
    if clearance is not None and clearance != user.clearance:
        user_set_clearance(by=by, user=user, clearance=clearance)
    return user


@transaction.atomic
def user_set_clearance(*, by: User, user: User, clearance: int) -> None:
    if clearance not in Clearance.values:
        raise invalid("clearance", _("There is no such level."))
    before, user.clearance = user.clearance, clearance
    user.save(update_fields=["clearance"])
    audit_record(by, action="user.clearance", target=user, detail={"from": before, "to": clearance})


@transaction.atomic
def user_set_password(*, by: User, user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise invalid("password", " ".join(error.messages)) from None
    user.set_password(password)
    user.save(update_fields=["password"])
    if by != user:
        devices.end_all(user)
    audit_record(by, action="user.password", target=user)


def user_set_preferences(
    user: User, *, language: str | None = None, theme: str | None = None, display_name: str | None = None
) -> None:
    if language and language not in dict(settings.LANGUAGES):
        raise invalid("language", _("There is no such language."))
    for field, value in {"language": language, "theme": theme, "display_name": display_name}.items():
        if value is not None:
            setattr(user, field, value)
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        raise invalid(next(iter(error.message_dict)), " ".join(error.messages)) from None
    user.save(update_fields=["language", "theme", "display_name"])


@transaction.atomic
def api_key_create(
    *,
    by: User | None,
    user: User,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
    cabinet_ids: Collection[UUID] = (),
    signed: bool = False,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which cannot be shown again. `cabinet_ids` restrict it; `signed` keys are
    used by signing requests (apps/accounts/signing.py)."""
    keys.check_scopes(scopes, user=user, restricted=bool(cabinet_ids))
    secret = keys.new_secret()
    key = ApiKey(
        user=user,
        name=(name.strip() or _("API key"))[:120],
        scopes=sorted(set(scopes)),
        cabinet_ids=sorted({str(cabinet_id) for cabinet_id in cabinet_ids}),
        signed=signed,
        expires_at=keys.checked_end(expires_at),
    )
    keys.put_secret(key, secret)
    key.save()
    told = {"scopes": key.scopes, "cabinets": key.cabinet_ids, "signed": signed}
    audit_record(by, action="key.create", target=key, detail=told)
    return key, secret


@transaction.atomic
def api_key_rotate(*, by: User, key: ApiKey, grace: timedelta) -> str:
    """A new secret for the key; the one of now works for `grace` more, the one before it no longer."""
    key = ApiKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
    key.previous_hash, key.previous_signing_secret = key.hash, key.signing_secret
    key.previous_until = timezone.now() + grace
    secret = keys.new_secret()
    keys.put_secret(key, secret)
    key.save()
    hours = round(grace.total_seconds() / 3600, 2)
    audit_record(by, action="key.rotate", target=key, detail={"grace_hours": hours})
    return secret


@transaction.atomic
def api_key_revoke(*, by: User, key: ApiKey) -> None:
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    audit_record(by, action="key.revoke", target=key)
