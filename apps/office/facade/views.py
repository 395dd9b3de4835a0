"""The calls of LanguageTool's HTTP interface."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.office.facade.asking import choice_of, for_clients, language_of, text_of
from apps.office.facade.matches import LANGUAGES, answer
from apps.office.reading import Asked, examine
from apps.office.words import dictionary_of, word_allow, word_forget

ENGINES = ("rules", "dictionary", "statistics")
MOST_WORDS = 500


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@require_http_methods(["GET", "POST"])
@for_clients
def check(request: HttpRequest, fields: QueryDict) -> HttpResponse:
    asked = language_of(fields)
    text = text_of(fields)
    draft, report = examine(_user(request), text, Asked(language=asked.partition("-")[0], engines=ENGINES))
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return JsonResponse(
        answer(draft, report.findings, asked=asked, choice=choice_of(fields), language=language)
    )


@require_http_methods(["GET"])
@for_clients
def languages(request: HttpRequest, fields: QueryDict) -> HttpResponse:
    found = [
        {"name": name, "code": code.partition("-")[0], "longCode": code} for name, code in LANGUAGES.values()
    ]
    return JsonResponse(found, safe=False)


@require_http_methods(["GET"])
@for_clients
def words(request: HttpRequest, fields: QueryDict) -> HttpResponse:
    first, most = (_number(fields.get(name), default) for name, default in (("offset", 0), ("limit", 10)))
    allowed = dictionary_of(_user(request))["allow"]
    assert isinstance(allowed, list)
    return JsonResponse({"words": sorted(allowed)[first : first + min(most, MOST_WORDS)]})


@require_http_methods(["POST"])
@for_clients
def words_add(request: HttpRequest, fields: QueryDict) -> HttpResponse:
    word_allow(by=_user(request), word=fields.get("word", ""))
    return JsonResponse({"added": True})


@require_http_methods(["POST"])
@for_clients
def words_delete(request: HttpRequest, fields: QueryDict) -> HttpResponse:
    return JsonResponse({"deleted": word_forget(by=_user(request), word=fields.get("word", ""))})


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() and len(text) < 8 else default
