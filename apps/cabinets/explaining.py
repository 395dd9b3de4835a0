"""Who can see a document, and why: the chain of grants, read from the grants themselves rather than the gate,
so that one says whether the other is right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import Clearance, User
from apps.cabinets.models import Document, Folder, Grant, Role
from apps.cabinets.services.grants import grants_reaching

MOST_GRANTS = 5000


@dataclass(frozen=True, slots=True)
class Reason:
    """One grant that holds for the person: whom it names, as what, and where it was given."""

    subject: str
    role: str
    download: bool
    place: str  # path of the folder; empty: the cabinet

    @property
    def subject_name(self) -> str:
        """In words: 张三 · 部门 总部/财务部 · 用户组 年报 · everyone."""
        kind, _separator, name = self.subject.partition(":")
        words = {"user": _("by name"), "department": _("department %(name)s"), "group": _("group %(name)s")}
        return words.get(kind, _("everyone who can sign in")) % {"name": name}

    @property
    def role_name(self) -> str:
        return str(Role(self.role).label)


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who can see the document. An administrator needs no grant."""

    user: User
    role: str
    download: bool
    administrator: bool
    reasons: list[Reason] = field(default_factory=list)

    @property
    def role_name(self) -> str:
        return str(Role(self.role).label)


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides for a document: its level, the folder that stands alone above it, and all grants that hold."""

    level: str
    closed_at: str | None
    grants: list[Reason]


def readers_of(document: Document, *, query: str = "") -> QuerySet[User]:
    """The active people who can see it, by name."""
    people = User.objects.filter(is_active=True).order_by("username")
    if document.cabinet.personal:
        return people.filter(pk__in=[document.created_by_id])  # nobody where it is None
    named = _named(_grants(document)) & Q(clearance__gte=document.secrecy)
    people = people.filter(named | Q(is_superuser=True)).distinct()
    if query := query.replace("\0", "").strip()[:100]:
        people = people.filter(Q(username__icontains=query) | Q(display_name__icontains=query))
    return people


def _named(grants: list[Grant]) -> Q:
    if any(grant.everyone for grant in grants):
        return Q()
    found = Q(pk__in=[grant.user_id for grant in grants if grant.user_id])
    found |= Q(teams__in=[grant.group_id for grant in grants if grant.group_id])
    for grant in grants:
        if grant.department is not None:
            found |= Q(departments__tree__startswith=grant.department.tree)
    return found


def explained(people: Iterable[User], document: Document) -> list[Reader]:
    """Each of these people with the grants that let them in, the strongest role first."""
    grants = _grants(document)
    order = list(Role.values)
    found = []
    for person in people:
        reasons = [_reason(grant) for grant in grants if _names(grant, person)]
        reasons.sort(key=lambda reason: -order.index(reason.role))
        role = (
            Role.MANAGER.value if person.is_superuser else (reasons[0].role if reasons else Role.VIEWER.value)
        )
        download = person.is_superuser or any(reason.download for reason in reasons)
        found.append(Reader(person, role, download, person.is_superuser, reasons))
    return found


def rule_of(document: Document) -> Rule:
    closing = _closing(document.folder)
    return Rule(
        level=str(Clearance(document.secrecy).label),
        closed_at=closing.path if closing is not None else None,
        grants=[_reason(grant) for grant in _grants(document)],
    )


def _closing(folder: Folder) -> Folder | None:
    """The nearest folder, itself or above, that does not inherit."""
    at: Folder | None = folder
    while at is not None:
        if not at.inherits:
            return at
        at = at.parent
    return None


def _grants(document: Document) -> list[Grant]:
    related = ("user", "department", "group", "folder")
    found = grants_reaching(document.folder).select_related(*related)
    return list(found.order_by("folder__tree", "created_at")[:MOST_GRANTS])


def _names(grant: Grant, person: User) -> bool:
    if grant.everyone or grant.user_id == person.pk:
        return True
    if grant.group_id is not None:
        return any(team.pk == grant.group_id for team in person.teams.all())
    if grant.department is None:
        return False
    return any(one.tree.startswith(grant.department.tree) for one in person.departments.all())


def _reason(grant: Grant) -> Reason:
    download = grant.download or grant.role != Role.VIEWER
    return Reason(grant.subject, grant.role, download, grant.folder.path if grant.folder else "")
