"""Readings and findings that a person may see: their own."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from apps.accounts.models import User
from apps.office.models import ProofFinding, Proofreading


def proofreadings_for(user: User) -> QuerySet[Proofreading]:
    return Proofreading.objects.filter(owner=user, owner__is_active=True)


def proofreading_for(user: User, key: UUID) -> Proofreading:
    found = proofreadings_for(user).select_related("job").filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def finding_for(user: User, key: UUID) -> ProofFinding:
    found = ProofFinding.objects.filter(proofreading__in=proofreadings_for(user), pk=key)
    finding = found.select_related("proofreading").first()
    if finding is None:
        raise Http404
    return finding


def file_for(user: User, key: UUID) -> Proofreading:
    """A reading of a file."""
    row = proofreading_for(user, key)
    if not row.filename:
        raise Http404
    return row
