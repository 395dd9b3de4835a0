"""I4: what the gate and the search answer is within what the grants say, read here in the plainest way. I14: the
projection that makes the gate quick is right."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.db import transaction

from apps.accounts.models import Department, User
from apps.cabinets import access, selectors
from apps.cabinets.models import Cabinet, Chunk, Document, Folder, Grant, Reach, Role
from apps.cabinets.services.reach import expected, reach_rebuild, tree_lock
from apps.core.doctor import Finding, in_batches
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
    return list(User.objects.filter(pk__in=chosen).prefetch_related("departments", "teams"))


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
    if document.secrecy > user.clearance:
        return False
    above, closed = _folders_above(document.folder)
    for grant in Grant.objects.filter(cabinet_id=document.folder.cabinet_id).select_related("department"):
        whole = grant.folder_id is None and (not closed or grant.role == Role.MANAGER)
        if (whole or grant.folder_id in above) and _names(grant, user):
            return True
    return False


def _folders_above(folder: Folder) -> tuple[set[UUID], bool]:
    """(the folder and those it inherits from, whether the way up to the root is broken)."""
    found: set[UUID] = set()
    while folder.parent is not None and folder.pk not in found:
        found.add(folder.pk)
        if not folder.inherits:
            return found, True
        folder = folder.parent
    return found, False


def _names(grant: Grant, user: User) -> bool:
    if grant.everyone or grant.user_id == user.pk:
        return True
    if grant.group_id is not None:
        return grant.group_id in {team.pk for team in user.teams.all()}
    for department in user.departments.all():
        at: Department | None = department
        while at is not None:
            if at.pk == grant.department_id:
                return True
            at = at.parent
    return False


def reach(*, repair: bool) -> Iterator[Finding]:
    """I14: where grants hold is what the tree of folders and its breaks say. Mended, since it is a projection."""
    for cabinets in in_batches(Cabinet.objects.filter(deleted_at=None)):
        for cabinet in cabinets:
            if not _reach_is_wrong(cabinet):
                continue
            mended = ""
            if repair:
                with transaction.atomic():
                    tree_lock(cabinet.pk)
                    reach_rebuild(access.root_of(cabinet))
                mended = "made again"
            yield Finding(
                "I14", f"cabinet {cabinet.pk}", "grants hold elsewhere than the folders say", mended
            )


def _reach_is_wrong(cabinet: Cabinet) -> bool:
    folders = list(cabinet.folders.all())
    sources: dict[UUID, set[UUID]] = defaultdict(set)
    for folder, source in Reach.objects.filter(folder__cabinet=cabinet).values_list("folder", "source"):
        sources[folder].add(source)
    wanted = expected(folders)
    return any(
        (folder.closed, sources[folder.pk]) != (wanted[folder.pk].closed, set(wanted[folder.pk].sources))
        for folder in folders
    )
