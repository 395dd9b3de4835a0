"""The proofreading editor: a sheet, and the findings beside it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.cabinets.views.guard import page, person
from apps.office.models import Proofreading
from apps.office.proofreading.text import KINDS
from apps.office.proofreading_selectors import file_for, proofreadings_for
from apps.office.proofreading_strings import editor_strings

MOST_LISTED = 50


@require_GET
@page
def proofread(request: HttpRequest) -> HttpResponse:
    """?reading= opens a file that was read."""
    user = person(request)
    readings = proofreadings_for(user).exclude(filename="").order_by("-created_at")[:MOST_LISTED]
    context = {
        "office_tabs": tabs(),
        "readings": readings,
        "reading": _chosen(request),
        "kinds": KINDS,
        "most": settings.PROOFREAD_CHARACTERS,
        "strings": editor_strings(),
    }
    return render(request, "office/proofread.html", context)


def _chosen(request: HttpRequest) -> Proofreading | None:
    given = request.GET.get("reading", "")
    if not given:
        return None
    try:
        return file_for(person(request), UUID(given))
    except ValueError:
        raise Http404 from None


def tabs() -> list[dict[str, str]]:
    """The tools of writing that there are, in their order."""
    found = []
    for name, address, label in (
        ("proofread", "writing", _("Proofread")),
        ("notices", "notices", _("Notices")),
        ("forms", "forms", _("Forms")),
        ("webhooks", "webhooks", _("Webhooks")),
    ):
        try:
            found.append({"name": name, "href": reverse(address), "label": label})
        except NoReverseMatch:
            continue
    return found
