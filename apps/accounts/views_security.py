"""The second step of signing in, and what a person sees and ends under "Sign-in and devices"."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import devices, second_step, throttle, two_step
from apps.accounts.entering import entered, pending, safe_target, to_sign_in
from apps.accounts.models import User
from apps.accounts.requests import SignedInRequest

MOST_DEVICES = 100
LONGEST_CODE = 40


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    waiting = pending(request)
    if waiting is None:
        return to_sign_in(request)
    if request.method != "POST":
        return render(request, "registration/code.html")
    user, told = waiting
    wait, right = _tried(request, user)
    if right:
        return entered(request, user, told["next"], backend=told["backend"], mark=second_step.PASSED)
    return _refused(request, wait, "registration/code.html")


def _tried(request: HttpRequest, user: User) -> tuple[int, bool]:
    """(seconds to wait, whether the code is right): guessing is slowed as it is for passwords."""
    name, address = f"two-step {user.pk}", throttle.address_of(request)
    if wait := throttle.attempt(name=name, address=address):
        return wait, False
    if not two_step.check(user, request.POST.get("code", "")[:LONGEST_CODE]):
        return 0, False
    throttle.succeeded(name=name, address=address)
    return 0, True


def _refused(
    request: HttpRequest, wait: int, template: str, context: dict[str, Any] | None = None
) -> HttpResponse:
    error = _("This code is not right, or it was used already.")
    if wait:
        error = _("Too many attempts. Try again in %(minutes)d minutes.") % {"minutes": math.ceil(wait / 60)}
    response = render(request, template, {**(context or {}), "error": error}, status=429 if wait else 200)
    if wait:
        response["Retry-After"] = str(wait)
    return response


@never_cache
@require_GET
@login_required
def security(request: SignedInRequest) -> HttpResponse:
    return render(request, "accounts/security.html", _context(request))


def _context(request: SignedInRequest) -> dict[str, Any]:
    user = request.user
    here = request.session.get(devices.ID)
    rows = devices.devices_of(user)[:MOST_DEVICES]
    shown = [{"row": row, "name": devices.agent_name(row.agent), "here": str(row.pk) == here} for row in rows]
    on = two_step.is_on(user)
    return {
        "devices": sorted(shown, key=lambda device: not device["here"]),
        "on": on,
        "left": two_step.codes_left(user) if on else 0,
        "needed": second_step.is_needed_by(user),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def two_step_begin(request: SignedInRequest) -> HttpResponse:
    """Also where somebody is led who needs one and has none yet (second_step.is_due)."""
    user = request.user
    target = safe_target(request) if "next" in request.GET else resolve_url("security")
    if two_step.is_on(user):
        return redirect(target)
    context: dict[str, Any] = {}
    if request.method == "POST":
        codes = two_step.confirm(user, request.POST.get("code", "")[:LONGEST_CODE])
        if codes is not None:
            request.session[second_step.MARK] = second_step.PASSED
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "target": target})
        context = {"error": _("This code is not right, or it was used already.")}
    secret = two_step.begin(user)
    context |= {"secret": secret, "picture": two_step.picture(user, secret)}
    led = second_step.is_due(request)
    return render(request, "registration/second_step.html" if led else "accounts/two_step.html", context)


@sensitive_post_parameters("code")
@never_cache
@require_POST
@login_required
def two_step_change(request: SignedInRequest) -> HttpResponse:
    """New recovery codes, or off: either needs a code, so that an open browser alone is not enough."""
    user = request.user
    wait, right = _tried(request, user)
    if not right:
        return _refused(request, wait, "accounts/security.html", _context(request))
    if request.POST.get("what") == "codes":
        context = {"codes": two_step.renew_codes(user), "target": resolve_url("security")}
        return render(request, "accounts/recovery_codes.html", context)
    if second_step.is_needed_by(user):
        messages.error(request, _("Your organisation asks for a second step: it cannot be turned off."))
        return redirect("security")
    two_step.turn_off(user, by=user)
    messages.success(request, _("The second step is off."))
    return redirect("security")


@require_POST
@login_required
def devices_end(request: SignedInRequest, device_id: UUID | None = None) -> HttpResponse:
    """One device, or all others; an id of somebody else's ends nothing."""
    user = request.user
    rows = devices.others_of(user, request)
    if device_id is not None:
        rows = rows.filter(pk=device_id)
    devices.end(rows)
    messages.success(request, _("Signed out there."))
    return redirect("security")
