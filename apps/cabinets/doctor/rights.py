"""I4: what the gate and the search answer is within what the grants say, read here in the plainest way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from uuid import UUID

from apps.accounts.models import User
from apps.cabinets import access, selectors
from apps.cabinets.models import Chunk, Document, Folder, Grant
from apps.core.doctor import Finding
from apps.rag import components

PEOPLE = 12
DOCUMENTS = 300
PROBES = 3
HITS = 50


def rights(*, repair: bool) -> Iterator[Finding]:
    """A sample of people, each against a sample of documents and a few searches in words of documents that are
    not theirs. Rights are never mended by a program."""
    documents = list(
        Document.objects.exclude(status="deleting")
        .select_related("cabinet", "folder")
        .order_by("?")[:DOCUMENTS]
    )
    for user in _people():
        allowed = {document.pk for document in documents if oracle(user, document)}
        shown = set(
            access.visible_documents(user)
            .filter(pk__in=[document.pk for document in documents])
            .values_list("pk", flat=True)
        )
        for key in shown - allowed:
            yield Finding("I4", f"user {user.username}", f"sees document {key} without a grant")
        for key in allowed - shown:
            yield Finding("I4", f"user {user.username}", f"does not see document {key} in spite of a grant")
        foreign = [document.pk for document in documents if document.pk not in allowed]
        yield from _searches(user, foreign)


def _people() -> list[User]:
    keys = list(User.objects.values_list("pk", flat=True)[:100_000])
    chosen = random.sample(keys, min(PEOPLE, len(keys)))
    return list(User.objects.filter(pk__in=chosen).prefetch_related("departments"))


def _searches(user: User, foreign: list[UUID]) -> Iterator[Finding]:
    """Ask the store in the words of passages that the person must not read."""
    passages = Chunk.objects.filter(document__in=foreign).select_related("document")[:PROBES]
    scope = selectors.search_scope(user)
    for passage in passages:
        query = components.sparse().encode_query(passage.text[:300])
        hits = components.store().search_sparse(query, scope, limit=HITS)
        found = selectors.passages_for_hits(user, hits)
        for key in {answer.document_id for answer in found.values()} & set(foreign):
            yield Finding("I4", f"user {user.username}", f"finds document {key} without a grant")


def oracle(user: User, document: Document) -> bool:
    """May this person read this document? Grants on the cabinet, its folder or a folder above it, one by one."""
    if not user.is_active or document.cabinet.deleted_at is not None:
        return False
    if document.cabinet.personal:
        return document.cabinet.created_by_id == user.pk
    if user.is_superuser:
        return True
    departments = {department.pk for department in user.departments.all()}
    above = _folders_above(document.folder)
    for grant in Grant.objects.filter(cabinet_id=document.folder.cabinet_id):
        reaches = grant.folder_id is None or grant.folder_id in above
        is_theirs = grant.everyone or grant.user_id == user.pk or grant.department_id in departments
        if reaches and is_theirs:
            return True
    return False


def _folders_above(folder: Folder) -> set[UUID]:
    found: set[UUID] = set()
    while folder is not None and folder.pk not in found:
        found.add(folder.pk)
        folder = folder.parent
    return found
