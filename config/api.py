"""The REST interface, put together from each app's router, with one shape for every error."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger

from apps.accounts.api import router as accounts_router
from apps.accounts.api_audit import router as audit_router
from apps.accounts.api_devices import router as devices_router
from apps.accounts.api_organisation import router as organisation_router
from apps.accounts.api_people_csv import router as people_csv_router
from apps.accounts.auth import ApiKeyAuth, SessionAuth, SignedAuth
from apps.assistants.api import routers as assistant_routers
from apps.cabinets.access import Forbidden
from apps.cabinets.api import routers as cabinet_routers
from apps.chat.api import router as chat_router
from apps.chat.api_asking import router as asking_router
from apps.chat.api_attaching import router as attaching_router
from apps.chat.api_inbox import router as inbox_router
from apps.chat.api_organising import router as organising_router
from apps.chat.openai_api import router as openai_router
from apps.chat.openai_vectors import router as vectors_router
from apps.core.api import router as core_router
from apps.core.problems import FieldError, Problem, disk_full, problem_response
from apps.office.api import routers as office_routers
from apps.quality.api import router as quality_router
from apps.quality.api_bench import router as bench_router
from apps.quality.api_golden import router as golden_router
from apps.quality.api_runs import router as runs_router
from apps.rag.errors import RagError
from config.openapi import OPENAI_ERROR, DocumentedAPI
from config.parser import StrictParser

DESCRIPTION = """Askive 问档: cabinets, documents, search and cited answers.

Send an API key as `Authorization: Bearer ask_…`, or use the session of a signed-in browser with CSRF.
Errors are RFC 9457 problems."""

api = DocumentedAPI(
    title="Askive",
    version="1",
    description=DESCRIPTION,
    auth=[ApiKeyAuth(), SignedAuth(), SessionAuth()],
    docs=Swagger(settings={"persistAuthorization": False}),
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
    parser=StrictParser(),
)
openai_api = DocumentedAPI(
    title="Askive, OpenAI-compatible",
    version="1-openai",
    auth=[ApiKeyAuth(), SignedAuth()],
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="openai",
    parser=StrictParser(),
    error_schema=OPENAI_ERROR,
    error_type="application/json",
)
quality_routers = (quality_router, bench_router, golden_router, runs_router)
chat_routers = (chat_router, asking_router, organising_router, attaching_router, inbox_router)
for router in (
    accounts_router,
    devices_router,
    organisation_router,
    audit_router,
    people_csv_router,
    core_router,
    *cabinet_routers,
    *assistant_routers,
    *quality_routers,
    *chat_routers,
    *office_routers,
):
    api.add_router("", router)
for router in (openai_router, vectors_router):
    openai_api.add_router("", router)


def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem_response(request, error)


def _absent(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem_response(
        request, Problem(404, _("There is nothing here, or it is not yours."), code="not_found")
    )


def _forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem_response(
        request, Problem(403, str(error) or _("Your role here does not allow this."), code="forbidden")
    )


def _unauthenticated(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem_response(
        request, Problem(401, _("A valid API key or a signed-in session is needed."), code="unauthenticated")
    )


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: list[FieldError] = [
        {"field": _field(entry["loc"]), "message": entry["msg"]} for entry in error.errors[:50]
    ]
    return problem_response(
        request, Problem(422, _("Some fields are not valid."), code="invalid", errors=fields)
    )


def _field(loc: Sequence[str | int]) -> str:
    """The dotted name as the caller wrote it: ninja puts the place (body, query, path, form) before it
    and the name of our own argument, where a schema has one."""
    parts = list(loc[1:])
    if parts and parts[0] in ARGUMENTS:
        parts = parts[1:]
    return ".".join(map(str, parts))


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """ninja's own refusals: a body that is no JSON, a CSRF token that is missing."""
    if isinstance(error.__cause__, Problem):  # raised while the body was read
        return problem_response(request, error.__cause__)
    code, detail = {
        400: ("unreadable", _("The request could not be read.")),
        403: ("csrf", _("The CSRF token is missing or wrong. Load the page again.")),
    }.get(error.status_code, ("", str(error)))
    return problem_response(request, Problem(error.status_code, detail, code=code))


def _pipeline(request: HttpRequest, error: RagError) -> HttpResponse:
    detail = _("A part that this needs is down. Try again in a moment.")
    return problem_response(request, Problem(503, detail, code=error.code, retry_after=5))


def _unstorable(request: HttpRequest, error: DataError) -> HttpResponse:
    """What no schema refuses and the database does, such as a path that grew too long."""
    return problem_response(
        request, Problem(422, _("A value is too long or too large to be stored."), code="invalid")
    )


def _too_big(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem_response(request, Problem(413, _("The request is too large."), code="too_large"))


def _system(request: HttpRequest, error: OSError) -> HttpResponse:
    """A disk without room is told; any other fault of the system is the program's."""
    if (problem := disk_full(error)) is None:
        raise error
    return problem_response(request, problem)


ARGUMENTS = {"payload", "filters", "form"}  # of our views, where a schema stands for many fields
HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Problem: _problem,
    Http404: _absent,
    Forbidden: _forbidden,
    PermissionDenied: _forbidden,
    AuthenticationError: _unauthenticated,
    ValidationError: _invalid,
    HttpError: _http_error,
    RagError: _pipeline,
    DataError: _unstorable,
    OSError: _system,
    RequestDataTooBig: _too_big,
    TooManyFilesSent: _too_big,
}


def _in_openai_shape(handler: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same errors as chat clients expect them: {"error": {message, type, param, code}}."""

    def shaped(request: HttpRequest, error: Exception) -> HttpResponse:
        answer = handler(request, error)
        body = json.loads(answer.content)
        told = [entry for entry in body["errors"] if entry["message"] != body["detail"]]
        fields = "; ".join(f"{entry['field']}: {entry['message']}" for entry in told)
        param = body["errors"][0]["field"] if len(body["errors"]) == 1 else None
        kind = "invalid_request_error" if answer.status_code < 500 else "api_error"
        message = " ".join(part for part in (body["detail"] or body["title"], fields) if part)
        code = body["type"].rpartition(":")[2]
        shape = {"error": {"message": message, "type": kind, "param": param, "code": code}}
        return JsonResponse(shape, status=answer.status_code, headers=_kept_headers(answer))

    return shaped


def _kept_headers(answer: HttpResponse) -> dict[str, str]:
    return {name: answer[name] for name in ("Retry-After", "WWW-Authenticate") if name in answer}


for kind, handler in HANDLERS.items():
    api.add_exception_handler(kind, handler)
    openai_api.add_exception_handler(kind, _in_openai_shape(handler))
