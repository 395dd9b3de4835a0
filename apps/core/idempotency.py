"""`Idempotency-Key`: the second POST with a key gets the first one's answer, for 24 hours.

Streams are not replayed: they are answered anew only if the first call failed before it began.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import sync_only_middleware
from django.utils.translation import gettext as _

from apps.core.middleware import Handler
from apps.core.models import IdempotencyRecord
from apps.core.problems import Problem, problem_response

KEPT = timedelta(hours=24)
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
        _finish(begun, response)
        return response

    return middleware


def _applies(request: HttpRequest) -> bool:
    return (
        request.method == "POST"
        and "Idempotency-Key" in request.headers
        and request.path.startswith(("/api/v1/", "/v1/"))
    )


def _begin(request: HttpRequest) -> IdempotencyRecord | HttpResponse:
    key = request.headers["Idempotency-Key"]
    if not 1 <= len(key) <= 200:
        return problem_response(
            request, Problem(422, _("An Idempotency-Key has 1 to 200 characters."), code="idempotency")
        )
    principal, digest = _principal(request), _body_digest(request)
    IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(
                principal=principal,
                key=key,
                route=f"{request.method} {request.path}"[:300],
                body_sha256=digest,
            )
    except IntegrityError:
        record = IdempotencyRecord.objects.get(principal=principal, key=key)
    return _repeat(request, record, digest)


def _repeat(request: HttpRequest, record: IdempotencyRecord, digest: str) -> HttpResponse:
    if record.body_sha256 != digest or record.route != f"{request.method} {request.path}"[:300]:
        detail = _("This Idempotency-Key was used for another request.")
        return problem_response(request, Problem(422, detail, code="idempotency"))
    if record.status == 0:
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
        or len(response.content) > LONGEST_BODY
    ):
        record.delete()
        return
    record.status = response.status_code
    record.headers = {name: response[name] for name in HEADERS if name in response}
    record.body = response.content
    record.save(update_fields=["status", "headers", "body"])


def _principal(request: HttpRequest) -> str:
    credential = request.headers.get("Authorization") or request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return hashlib.sha256(credential.encode()).hexdigest()


def _body_digest(request: HttpRequest) -> str:
    """Multipart bodies are not read into memory for this: their length stands for them."""
    if request.content_type == "multipart/form-data":
        return hashlib.sha256(request.headers.get("Content-Length", "").encode()).hexdigest()
    return hashlib.sha256(request.body).hexdigest()
