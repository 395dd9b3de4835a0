"""`Idempotency-Key`: the second POST with a key gets the first one's answer, for 24 hours.

Streams are not replayed: they are answered anew only if the first call failed before it began. Answers
marked `no-store` hold a secret and are not kept either.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import sync_only_middleware
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from apps.core.middleware import Handler
from apps.core.models import IdempotencyRecord
from apps.core.problems import Problem, problem_response

KEPT = timedelta(hours=24)
UNFINISHED = timedelta(minutes=15)  # longer than any answer may take: its process must have died
LONGEST_BODY = 1024 * 1024
HEADERS = ("Content-Type", "Location", "Retry-After")


@sync_only_middleware
def replay_repeated_posts(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponse:
        if not _applies(request):
            return get_response(request)
        begun = _begin(request)
        if isinstance(begun, HttpResponse):
            return begun
        response = get_response(request)
        if begun is not None:
            _finish(begun, response)
        return response

    return middleware


def _applies(request: HttpRequest) -> bool:
    return (
        request.method == "POST"
        and "Idempotency-Key" in request.headers
        and request.path.startswith(("/api/v1/", "/v1/"))
    )


def _begin(request: HttpRequest) -> IdempotencyRecord | HttpResponse | None:
    key = request.headers["Idempotency-Key"]
    if not 1 <= len(key) <= 200:
        return problem_response(
            request, Problem(422, _("An Idempotency-Key has 1 to 200 characters."), code="idempotency")
        )
    principal = import_string(settings.IDEMPOTENCY_PRINCIPAL)(request)
    if principal is None:
        return None  # nobody may call, so there is nothing to repeat: the view answers 401
    try:
        digest = _body_digest(request)
    except RequestDataTooBig:
        return problem_response(request, Problem(413, _("The request is too large."), code="too_large"))
    now = timezone.now()
    dead = Q(created_at__lt=now - KEPT) | Q(status=0, created_at__lt=now - UNFINISHED)
    IdempotencyRecord.objects.filter(dead).delete()
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(
                principal=principal,
                key=key,
                route=_route(request),
                body_sha256=digest,
            )
    except IntegrityError:
        record = IdempotencyRecord.objects.filter(principal=principal, key=key).first()
    return _repeat(request, record, digest)


def _route(request: HttpRequest) -> str:
    return f"{request.method} {request.get_full_path()}"[:300]


def _repeat(request: HttpRequest, record: IdempotencyRecord | None, digest: str) -> HttpResponse:
    if record is not None and (record.body_sha256 != digest or record.route != _route(request)):
        detail = _("This Idempotency-Key was used for another request.")
        return problem_response(request, Problem(422, detail, code="idempotency"))
    if record is None or record.status == 0:  # None: it was forgotten just now, since it failed
        detail = _("The first request with this key is still being answered.")
        return problem_response(request, Problem(409, detail, code="idempotency", retry_after=2))
    response = HttpResponse(bytes(record.body), status=record.status)
    for name, value in record.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def _finish(record: IdempotencyRecord, response: HttpResponse) -> None:
    """Keep an answer that is final; forget one that the caller should try again."""
    streaming = getattr(response, "streaming", False)
    if (
        streaming
        or response.status_code >= 500
        or response.status_code in {401, 429}
        or "no-store" in response.headers.get("Cache-Control", "")
        or len(response.content) > LONGEST_BODY
    ):
        record.delete()
        return
    record.status = response.status_code
    record.headers = {name: response[name] for name in HEADERS if name in response}
    record.body = response.content
    record.save(update_fields=["status", "headers", "body"])


def _body_digest(request: HttpRequest) -> str:
    """Multipart bodies are not read into memory for this: their length stands for them."""
    if request.content_type == "multipart/form-data":
        return hashlib.sha256(request.headers.get("Content-Length", "").encode()).hexdigest()
    return hashlib.sha256(request.body).hexdigest()
