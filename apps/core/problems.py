"""RFC 9457 problems: the one shape of every error of the REST interface."""

from __future__ import annotations

import errno
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import TypedDict

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


class FieldError(TypedDict):
    field: str
    message: str


class Problem(Exception):
    """Raised by services and views; becomes application/problem+json, or a sentence on a page.

    `detail` is a sentence for people, already translated."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        code: str = "",
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code
        self.errors = list(errors)
        self.retry_after = retry_after


def invalid(field: str, message: str) -> Problem:
    return Problem(422, message, code="invalid", errors=[{"field": field, "message": message}])


def disk_full(error: OSError) -> Problem | None:
    """What to answer where the disk has no room, or a file may not grow so large; None for other faults."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return None
    logger.error("no room on the disk: %s", error)
    detail = _("The server's disk is full. Tell an administrator, and try again when there is room.")
    return Problem(507, detail, code="disk_full")


def problem_response(request: HttpRequest, problem: Problem) -> JsonResponse:
    body = {
        "type": f"urn:askive:problem:{problem.code}" if problem.code else "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": str(problem.detail),
        "errors": [{"field": error["field"], "message": str(error["message"])} for error in problem.errors],
        "request_id": getattr(request, "request_id", ""),
    }
    response = JsonResponse(body, status=problem.status, content_type=CONTENT_TYPE)
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response
