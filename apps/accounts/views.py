"""Signing in and out, one's own profile, and people for administrators."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import first_run, selectors, throttle
from apps.accounts.devices import leave
from apps.accounts.entering import proceed, safe_target, to_sign_in
from apps.accounts.ldap.words import failed_words
from apps.accounts.models import ApiKey, Clearance, User
from apps.accounts.page_strings import people_strings, profile_strings
from apps.accounts.requests import SignedInRequest
from apps.accounts.workplace import provider as workplace

PEOPLE_ON_A_PAGE = 50
MOST_KEYS = 200
MOST_DEPARTMENTS = 500


class SignInForm(AuthenticationForm):
    """Says the same for an unknown name, a wrong password and a deactivated account. Too many attempts
    are refused before the password is looked at."""

    request: HttpRequest  # never without one
    retry_after = 0

    def clean(self) -> dict[str, Any]:
        name, address = self.cleaned_data.get("username", ""), throttle.address_of(self.request)
        self.retry_after = throttle.attempt(name=name, address=address)
        if self.retry_after:
            minutes = math.ceil(self.retry_after / 60)
            message = _("Too many attempts. Try again in %(minutes)d minutes.") % {"minutes": minutes}
            raise ValidationError(message, code="throttled")
        cleaned = super().clean()
        throttle.succeeded(name=name, address=address)
        return cleaned

    def get_invalid_login_error(self) -> ValidationError:
        if getattr(self.request, "directory_away", False):  # said to everybody alike: it tells of no name
            return ValidationError(
                _("The directory cannot be reached at the moment. Try again soon."), code="away"
            )
        return ValidationError(_("The name or the password is not right."), code="invalid_login")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = safe_target(request)
    if request.user.is_authenticated:
        return redirect(target)
    if request.method != "POST":
        return _sign_in_page(request, SignInForm(request), target)
    form = SignInForm(request, data=request.POST)
    if form.is_valid():
        return proceed(request, form.get_user(), target)
    if form.has_error(NON_FIELD_ERRORS, "throttled"):
        response = _sign_in_page(request, form, target, status=429)
        response["Retry-After"] = str(form.retry_after)
        return response
    return _sign_in_page(request, form, target)


def _sign_in_page(request: HttpRequest, form: SignInForm, target: str, *, status: int = 200) -> HttpResponse:
    following = target if target != resolve_url(settings.LOGIN_REDIRECT_URL) else ""
    context = {
        "form": form,
        "next": following,
        "setup_open": first_run.is_open(),
        "oidc_name": settings.OIDC["name"] if settings.OIDC["issuer"] else "",
        "workplace_name": workplace.name() if workplace.is_configured() else "",
        "said": _said(request.GET.get("said", "")),
    }
    return render(request, "registration/login.html", context, status=status)


def _said(code: str) -> str:
    """Nothing of the reason: it is in the log."""
    refused = _("Signing in there did not work. Try again, or ask an administrator.")
    return refused if code == "provider" else ""


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    leave(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Django's own page would know neither the brake nor the second step."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    return to_sign_in(request)


@require_GET
@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    user = request.user
    context = {
        "keys": selectors.api_keys_for(user)[:MOST_KEYS],
        "scopes": _scopes(user),
        "languages": settings.LANGUAGES,
        "language": translation.get_language(),
        "strings": profile_strings(),
    }
    return render(request, "accounts/profile.html", context)


def _scopes(user: User) -> list[dict[str, Any]]:
    """The scopes this person's keys may have, with what each allows; the first ones are ticked."""
    scope = ApiKey.Scope
    offered = [
        (scope.SEARCH, _("search passages"), True),
        (scope.CHAT, _("ask questions and read one's own conversations"), True),
        (scope.DOCUMENTS_READ, _("list cabinets and read documents"), True),
        (scope.DOCUMENTS_WRITE, _("add, change and delete documents"), False),
        (scope.OFFICE, _("proofreading, notices and forms"), False),
    ]
    if user.is_superuser:
        offered += [
            (scope.ADMIN, _("people, keys and settings"), False),
            (scope.IMPERSONATE, _("act with the rights of an employee"), False),
        ]
    return [{"value": str(value), "may": may, "on": on} for value, may, on in offered]


@require_GET
@login_required
def people(request: HttpRequest) -> HttpResponse:
    if not request.user.is_superuser:
        raise PermissionDenied
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    shown = Paginator(selectors.people(query=query), PEOPLE_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "query": query,
        "departments": selectors.departments()[:MOST_DEPARTMENTS],
        "groups": selectors.groups()[:MOST_DEPARTMENTS],
        "clearances": Clearance.choices,
        "strings": people_strings(),
        "directory_failed": failed_words(),
    }
    return render(request, "accounts/people.html", context)
