"""Administration: how people sign in. For whom a second step is compulsory, and who has none yet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts import second_step
from apps.accounts.models import SignInRule, User
from apps.accounts.views_people import administrators
from apps.core.problems import Problem

MOST_NAMED = 50


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def sign_in_rules(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _changed(request)
    return render(request, "accounts/sign_in.html", _second_step())


def _changed(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
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
