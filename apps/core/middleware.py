"""Small middleware that every answer passes, sync and async alike."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]
ID_PATTERN = re.compile(r"^[A-Za-z0-9_.-]{1,64}$")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)


def hybrid(
    before: Callable[[HttpRequest], None], after: Callable[[HttpRequest, HttpResponse], None]
) -> Callable:
    """A middleware factory that stays async under an async handler, so streams are not buffered."""

    def factory(get_response: Handler) -> Handler:
        if iscoroutinefunction(get_response):

            async def asynchronous(request: HttpRequest) -> HttpResponse:
                before(request)
                response = await get_response(request)  # type: ignore[misc]
                after(request, response)
                return response

            markcoroutinefunction(asynchronous)
            return asynchronous

        def synchronous(request: HttpRequest) -> HttpResponse:
            before(request)
            response = get_response(request)
            after(request, response)  # type: ignore[arg-type]
            return response  # type: ignore[return-value]

        return synchronous

    factory.sync_capable = factory.async_capable = True  # type: ignore[attr-defined]
    return factory


def _set_request_id(request: HttpRequest) -> None:
    given = request.headers.get("X-Request-ID", "")
    request.request_id = given if ID_PATTERN.match(given) else uuid.uuid4().hex  # type: ignore[attr-defined]


def _send_request_id(request: HttpRequest, response: HttpResponse) -> None:
    response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]


def _send_policy(request: HttpRequest, response: HttpResponse) -> None:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), payment=()")


request_id = hybrid(_set_request_id, _send_request_id)
content_security_policy = hybrid(lambda request: None, _send_policy)
