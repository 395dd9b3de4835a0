"""Administration: how people sign in. For whom a second step is compulsory and who has none yet; the directory,
and what its last synchronisations did."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import second_step
from apps.accounts.hints import directory_hint
from apps.accounts.ldap import directory, runs
from apps.accounts.ldap.words import run_words
from apps.accounts.models import DirectoryRun, SignInRule, User
from apps.accounts.requests import SignedInRequest
from apps.accounts.views_people import administrators
from apps.core.problems import Problem

MOST_NAMED, MOST_RUNS = 50, 10


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def sign_in_rules(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        return _changed(request)
    return render(request, "accounts/sign_in.html", {**_second_step(), **_directory()})


@require_POST
@administrators
def directory_synchronise(request: SignedInRequest) -> HttpResponse:
    if not directory.is_configured():
        raise Http404
    if runs.ask(by=request.user) is None:
        messages.info(request, _("A synchronisation is running already."))
    else:
        directory_hint()
    return redirect("sign-in-rules")


def _changed(request: SignedInRequest) -> HttpResponse:
    user = request.user
    try:
        second_step.rule_set(
            by=user, whom=request.POST.get("whom", "-"), providers_too="providers_too" in request.POST
        )
    except Problem as problem:
        messages.error(request, problem.detail)
    else:
        messages.success(request, _("Saved. It holds from the next click on."))
    return redirect("sign-in-rules")


def _second_step() -> dict[str, Any]:
    now = second_step.rule()
    only = now.whom == SignInRule.Whom.ADMINISTRATORS
    missing = second_step.without(administrators=only)
    return {
        "rule": now,
        "choices": SignInRule.Whom.choices,
        "counts": [
            _count(_("Administrators"), administrators=True),
            _count(_("Everybody"), administrators=False),
        ],
        "missing": missing[:MOST_NAMED],
        "missing_more": max(0, missing.count() - MOST_NAMED),
    }


def _count(label: str, *, administrators: bool) -> dict[str, Any]:
    active = User.objects.filter(is_active=True)
    total = (active.filter(is_superuser=True) if administrators else active).count()
    return {
        "label": label,
        "all": total,
        "on": total - second_step.without(administrators=administrators).count(),
    }


def _directory() -> dict[str, Any]:
    """Nothing where none is set up."""
    if not directory.is_configured():
        return {}
    rows = [(run, run_words(run)) for run in DirectoryRun.objects.select_related("by")[:MOST_RUNS]]
    hours = settings.LDAP["sync_hours"]
    return {
        "directory": {
            "url": settings.LDAP["url"],
            "base": settings.LDAP["base"],
            "hours": f"{hours:g}" if hours > 0 else "",
        },
        "runs": rows,
        "run_open": any(run.slot for run, _words in rows),
    }
