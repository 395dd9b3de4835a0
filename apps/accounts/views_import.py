"""Taking people over from a CSV file, with a look before anything changes."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.people_csv import COLUMNS, ONLY_IN


@require_GET
@login_required
def people_import(request: HttpRequest) -> HttpResponse:
    if not request.user.is_superuser:
        raise PermissionDenied
    strings = {
        "create": _("new"),
        "update": _("changed"),
        "same": _("as it is"),
        "error": _("error"),
        "summary": _("{create} new, {update} changed, {same} as they are, {error} with errors"),
        "applied": _("Taken over: {create} new, {update} changed."),
        "line": _("Line {line}"),
        "nothing": _("Nothing would change."),
    }
    context = {"columns": (*COLUMNS, *ONLY_IN), "strings": strings}
    return render(request, "accounts/people_import.html", context)
