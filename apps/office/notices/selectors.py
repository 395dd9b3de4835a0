"""Reads of notices: everybody sees their own alone."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from apps.accounts.models import User
from apps.office.notices.models import Notice


def notices_for(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(owner=user)


def notice_for(user: User, notice_id: UUID) -> Notice:
    """Raises Http404 where there is none or it is not theirs."""
    found = notices_for(user).select_related("owner").filter(pk=notice_id).first()
    if found is None:
        raise Http404
    return found
