"""Who may do what in a cabinet: for its managers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.selectors import departments, groups, people
from apps.cabinets import access, selectors
from apps.cabinets.models import Folder, Grant, Role
from apps.cabinets.views.guard import page, person
from apps.cabinets.views.strings import dialog_strings

MOST_GRANTS = 1000
MOST_SUGGESTIONS = 500


@dataclass(frozen=True, slots=True)
class Place:
    """The cabinet as a whole (`folder` None) or one folder, with its grants and the REST address of them."""

    folder: Folder | None
    url: str
    grants: list[Grant]


@require_GET
@page
def cabinet_members(request: HttpRequest, cabinet_id: UUID) -> HttpResponse:
    user = person(request)
    cabinet = access.managed_cabinet_for(user, cabinet_id)
    folders = [folder for folder in selectors.folder_tree(user, cabinet) if not folder.is_root]
    context = {
        "cabinet": cabinet,
        "places": _places(
            cabinet.pk,
            list(selectors.grants_of_cabinet(cabinet)[:MOST_GRANTS]),
            [f for f in folders if not f.inherits],
        ),
        "folders": folders[:MOST_SUGGESTIONS],
        "roles": _roles(),
        "people": people().filter(is_active=True)[:MOST_SUGGESTIONS],
        "open_folders": [folder for folder in folders if folder.inherits][:MOST_SUGGESTIONS],
        "groups": groups()[:MOST_SUGGESTIONS],
        "departments": departments()[:MOST_SUGGESTIONS],
        "strings": _strings(),
    }
    return render(request, "cabinets/members.html", context)


def _places(cabinet_id: UUID, grants: list[Grant], alone: list[Folder]) -> list[Place]:
    """The cabinet first, then each folder that has grants of its own or stands alone."""
    whole = Place(None, f"/api/v1/cabinets/{cabinet_id}/grants", [])
    places: dict[UUID | None, Place] = {None: whole}
    for grant in grants:
        key = grant.folder_id
        if key not in places:
            places[key] = Place(grant.folder, f"/api/v1/folders/{key}/grants", [])
        places[key].grants.append(grant)
    for folder in alone:
        places.setdefault(folder.pk, Place(folder, f"/api/v1/folders/{folder.pk}/grants", []))
    return list(places.values())


def _roles() -> list[dict[str, str]]:
    may = {
        "viewer": _("reads, searches and asks"),
        "contributor": _("also adds, moves and deletes documents and folders"),
        "manager": _("also decides who may do what"),
    }
    return [{"value": value, "label": str(label), "may": may[value]} for value, label in Role.choices]


def _strings() -> dict[str, str]:
    return {
        **dialog_strings(),
        "remove_member": _("Take away the access of {name}?"),
        "remove_member_text": _("It acts on the next click of theirs. You can add them again at any time."),
        "remove": _("Take away"),
        "break_heading": _("Break the inheritance of “{name}”?"),
        "break_text": _(
            "What reaches the folder now becomes its own, so nobody loses anything at this moment. What is granted above it later does not reach it."
        ),
        "break": _("Break the inheritance"),
        "mend_heading": _("Let “{name}” inherit again?"),
        "mend_text": _("Everybody who may read the folder above it can then read this one as well."),
        "mend": _("Inherit again"),
        "member_twice": _("{name} is in the list already. Change the role there."),
    }
