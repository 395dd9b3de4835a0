"""The scope of a conversation: places chosen one by one, searched together, within a person's rights of now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import access, validity
from apps.cabinets.models import Cabinet, Document, Folder
from apps.cabinets.questions import questions_of
from apps.cabinets.readers import reader_of
from apps.cabinets.selectors import MAX_SCOPE_IDS, search_scope
from apps.core.problems import Problem, invalid
from apps.rag.types import SearchScope, scope_of_places


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose. Nothing chosen is all that is theirs; several places are searched together.
    `attached` is the cabinet of what was attached to the conversation, searched beside all the rest."""

    cabinet_ids: Collection[UUID] = ()
    folder_ids: Collection[UUID] = ()
    document_ids: Collection[UUID] = ()
    as_of: date | None = None
    attached: UUID | None = None

    @property
    def is_open(self) -> bool:
        return not (self.cabinet_ids or self.folder_ids or self.document_ids)


@dataclass(frozen=True, slots=True)
class Places:
    """The chosen places that the person may read, for showing them."""

    cabinets: list[Cabinet] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)


def places_for(user: User, choice: Choice) -> Places:
    return Places(
        cabinets=list(access.cabinets_for(user).filter(pk__in=choice.cabinet_ids)),
        folders=list(
            access.folders_for(user)
            .filter(pk__in=choice.folder_ids, cabinet__personal=False)
            .select_related("cabinet")
        ),
        documents=list(
            access.visible_documents(user)
            .filter(pk__in=choice.document_ids, cabinet__personal=False)
            .select_related("cabinet")
        ),
    )


def require_places(user: User, choice: Choice) -> None:
    """Raises Problem 404 when a chosen place is absent or not the person's."""
    found = places_for(user, choice)
    pairs = (
        (choice.cabinet_ids, found.cabinets),
        (choice.folder_ids, found.folders),
        (choice.document_ids, found.documents),
    )
    if any(len(set(wanted)) != len(rows) for wanted, rows in pairs):
        raise Problem(404, _("There is nothing here, or it is not yours."), code="not_found")


def scope_of(user: User, choice: Choice) -> SearchScope:
    """The union of the chosen places as a scope, each cut to the person's rights. Raises Problem 422 where single
    documents are chosen beside places that hold too many to be named one by one."""
    day = choice.as_of or validity.today()
    attached = _attached(user, choice)
    if choice.is_open:
        return _beside(search_scope(user, as_of=day), attached)
    if choice.document_ids:
        return _named(user, choice, attached)
    if choice.folder_ids:
        folders = frozenset(_folders(user, choice).values_list("pk", flat=True))
        return scope_of_places(attached, folders, as_of=day)
    return _beside(search_scope(user, cabinet_ids=choice.cabinet_ids, as_of=day), attached)


def _attached(user: User, choice: Choice) -> frozenset[UUID]:
    """The cabinet of what is attached, if it is the person's."""
    if choice.attached is None:
        return frozenset()
    return frozenset(questions_of(reader_of(user)).personal(key=choice.attached))


def _beside(scope: SearchScope, attached: frozenset[UUID]) -> SearchScope:
    if not attached:
        return scope
    cabinets = (scope.cabinet_ids or frozenset()) | scope.or_cabinet_ids | attached
    return scope_of_places(cabinets, scope.folder_ids or frozenset(), as_of=scope.as_of)


def _named(user: User, choice: Choice, attached: frozenset[UUID]) -> SearchScope:
    """Documents that are chosen one by one are searched even when repealed; what lies in chosen places is not."""
    visible = access.visible_documents(user)
    chosen = Q(pk__in=list(choice.document_ids), cabinet__personal=False)
    reach = chosen | Q(cabinet__in=attached)
    if choice.cabinet_ids or choice.folder_ids:
        day = choice.as_of or validity.today()
        placed = Q(folder__in=_folders(user, choice).values("pk")) & validity.in_force(on=day)
        reach |= placed
    keys = list(visible.filter(reach).values_list("pk", flat=True)[: MAX_SCOPE_IDS + 1])
    if len(keys) > MAX_SCOPE_IDS:
        raise invalid(
            "scope",
            _(
                "The chosen places hold too many documents to be searched beside single ones. Choose one or the other."
            ),
        )
    return SearchScope(document_ids=frozenset(keys), as_of=choice.as_of)


def _folders(user: User, choice: Choice) -> QuerySet[Folder]:
    """All readable folders in the chosen cabinets, and those at and below the chosen folders."""
    mine = access.folders_for(user).filter(cabinet__personal=False)
    reach = Q(cabinet__in=list(choice.cabinet_ids))
    for tree in mine.filter(pk__in=list(choice.folder_ids)).values_list("tree", flat=True):
        reach |= Q(tree__startswith=tree)
    return mine.filter(reach)
