"""Who sees and who changes an assistant."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from apps.accounts.models import User
from apps.accounts.selectors import belongs
from apps.assistants.models import Assistant


def assistants_for(user: User) -> QuerySet[Assistant]:
    """One's own, those of everyone, and those of one's departments and the ones above them."""
    live = Assistant.objects.filter(deleted_at=None)
    if not user.is_active:
        return live.none()
    departments, _teams = belongs(user)
    shared = Q(
        pk__in=Assistant.departments.through.objects.filter(department__in=departments).values("assistant")
    )
    everyone = Q(everyone=True)
    if user.is_superuser:  # may put right whatever is shared; what nobody shared stays its maker's
        shared = Q(pk__in=Assistant.departments.through.objects.values("assistant"))
    return live.filter(Q(owner=user) | everyone | shared)


def assistant_for(user: User, assistant_id: UUID) -> Assistant:
    found = assistants_for(user).select_related("owner").filter(pk=assistant_id).first()
    if found is None:
        raise Http404
    return found


def may_change(user: User, assistant: Assistant) -> bool:
    return user.is_superuser or assistant.owner_id == user.pk


def changeable_assistant_for(user: User, assistant_id: UUID) -> Assistant:
    """Raises Http404 for what is not seen, PermissionDenied for what is another person's."""
    found = assistant_for(user, assistant_id)
    if not may_change(user, found):
        raise PermissionDenied
    return found
