"""What a LanguageTool client sends: form fields, or the same in the address of a GET; a key in one of three places."""

from __future__ import annotations

import base64
import binascii
import json
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.auth import ApiKeyAuth, require_scope
from apps.accounts.models import ApiKey
from apps.cabinets.access import Forbidden
from apps.core.problems import Problem, invalid
from apps.office.facade.matches import Choice

MASK = "\ufffc"  # stands for each character of markup, so that offsets hold
LANGUAGES = {"auto", "zh", "zh-CN", "en", "en-US", "en-GB"}


def for_clients(view: Any) -> Any:
    """With a key of the scope office; no cookie counts here, so there is nothing to forge. LanguageTool's
    clients read errors as plain sentences."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        try:
            fields = request.POST if request.method == "POST" else request.GET
            _enter(request, fields)
            return view(request, fields)
        except Problem as problem:
            headers = {"WWW-Authenticate": 'Basic realm="Askive"'} if problem.status == 401 else {}
            return _plain(problem.detail, problem.status, headers)
        except Forbidden:
            return _plain(_("Your role here does not allow this."), 403, {})

    return guarded


def _plain(detail: str, status: int, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(
        f"Error: {detail}", status=status, content_type="text/plain; charset=utf-8", headers=headers
    )


def _enter(request: HttpRequest, fields: QueryDict) -> None:
    key = ApiKeyAuth().authenticate(request, _token(request, fields))
    if key is None:
        raise Problem(401, _("A valid API key or a signed-in session is needed."), code="unauthenticated")
    request.auth = key  # type: ignore[attr-defined]
    require_scope(request, ApiKey.Scope.OFFICE)


def _token(request: HttpRequest, fields: QueryDict) -> str:
    """Bearer; else the password of a Basic header (http://any:KEY@host/); else the field apiKey of a POST."""
    scheme, _space, told = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return told.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(told, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return fields.get("apiKey", "") if request.method == "POST" else ""


def text_of(fields: QueryDict) -> str:
    """`text`, or `data` whose markup is masked. Raises Problem 400 where neither is there or both are."""
    text, data = fields.get("text"), fields.get("data")
    if (text is None) == (data is None):
        raise Problem(400, _("Give either text or data."), code="invalid")
    if text is not None:
        return text
    try:
        parts = json.loads(data or "")["annotation"]
        return "".join(_part(part) for part in parts)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Problem(
            400, _("data is not of the form that LanguageTool describes."), code="invalid"
        ) from None


def _part(part: dict[str, str]) -> str:
    return part["text"] if "text" in part else MASK * len(part["markup"])


def language_of(fields: QueryDict) -> str:
    language = fields.get("language", "")
    if language not in LANGUAGES:
        raise invalid(
            "language", _("The language is one of: %(all)s.") % {"all": ", ".join(sorted(LANGUAGES))}
        )
    return language


def choice_of(fields: QueryDict) -> Choice:
    def words(name: str) -> frozenset[str]:
        return frozenset(part.strip() for part in fields.get(name, "").split(",") if part.strip())

    return Choice(
        words("enabledRules"), words("disabledRules"), words("enabledCategories"), words("disabledCategories"),
        only=fields.get("enabledOnly") in ("true", "yes"), picky=fields.get("level") == "picky",
    )  # fmt: skip
