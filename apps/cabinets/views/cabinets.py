"""The list of cabinets, and the page of a cabinet or of one of its folders."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from apps.accounts.requests import SignedInRequest
from apps.cabinets import access, selectors
from apps.cabinets.models import Cabinet, Folder, Role
from apps.cabinets.views import folders as tree
from apps.cabinets.views.context import cabinet_context, rows_context
from apps.cabinets.views.guard import page, person
from apps.cabinets.views.listing import PAGE_SIZE, Listing
from apps.cabinets.views.strings import cabinet_strings, dialog_strings


@require_GET
@page
def cabinets(request: HttpRequest) -> HttpResponse:
    user = person(request)
    found = selectors.cabinets_with_counts(user).order_by("name", "id")
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    roles = access.cabinet_roles(user, shown.object_list)
    rows = [(cabinet, Role(roles[cabinet.pk])) for cabinet in shown.object_list]
    return render(
        request, "cabinets/cabinets.html", {"rows": rows, "shown": shown, "strings": dialog_strings()}
    )


@require_GET
@page
def cabinet(request: SignedInRequest, cabinet_id: UUID) -> HttpResponse:
    """The top of a cabinet. Someone with a role in one folder only sees the way to that folder."""
    user = person(request)
    found = access.cabinet_for(user, cabinet_id)
    root = access.root_of(found)
    return _show(request, found, root if access.role_in(user, root) else None)


@require_GET
@page
def folder(request: SignedInRequest, cabinet_id: UUID, folder_id: UUID) -> HttpResponse:
    user = person(request)
    found = access.cabinet_for(user, cabinet_id)
    current = access.folder_for(user, folder_id)
    if current.cabinet_id != found.pk:
        raise Http404
    if current.is_root:
        return redirect("cabinet", found.pk)
    return _show(request, found, current)


def _show(request: SignedInRequest, found: Cabinet, current: Folder | None) -> HttpResponse:
    user, listing = person(request), Listing.of(request.GET)
    if request.htmx and request.GET.get("part") == "rows":
        return render(request, "cabinets/_rows.html", rows_context(user, found, current, listing))
    folders = selectors.folder_tree(user, found)
    context = {
        **cabinet_context(user, found, current, listing),
        **rows_context(user, found, current, listing),
        "branches": tree.branches(folders, current=current),
        "trail": tree.trail(folders, current=current),
        "subfolders": [] if listing.narrowed else tree.children_of(folders, parent=current),
        "strings": cabinet_strings(),
    }
    return render(request, "cabinets/cabinet.html", context)
