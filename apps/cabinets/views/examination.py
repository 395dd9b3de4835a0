"""The part of the health page that says whether everything still agrees, for administrators."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from apps.cabinets.selectors_examination import Examination, Invariant, examination_state
from apps.cabinets.views.guard import page, person

SHOWN_AS = {"holds": "ready", "mended": "warn", "found": "failed", "unknown": "queued"}


@require_GET
@page
def examination(request: HttpRequest) -> HttpResponse:
    """A fragment; it asks for itself again while an examination is under way."""
    if not person(request).is_superuser:
        raise PermissionDenied
    state = examination_state()
    rows = [(one, SHOWN_AS[one.state], _word(one)) for one in state.invariants]
    context = {"examination": state, "rows": rows, "heading": _heading(state)}
    return render(request, "cabinets/_examination.html", context)


def _heading(state: Examination) -> str:
    if state.running:
        return _("Checking whether everything agrees")
    if state.last is None:
        return _("Not checked yet")
    return _("Everything agrees") if state.healthy else _("Something does not agree")


def _word(one: Invariant) -> str:
    if one.state == "holds":
        return _("Holds")
    if one.state == "unknown":
        return _("Not checked")
    left = one.count - one.mended
    if not left:
        return ngettext("%(count)d mended", "%(count)d mended", one.mended) % {"count": one.mended}
    return ngettext("%(count)d found", "%(count)d found", left) % {"count": left}
