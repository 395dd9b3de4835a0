"""What every page of this application does first: sign-in, and 403 where a role does not reach."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from apps.accounts.models import User
from apps.cabinets.access import Forbidden

View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """For signed-in people. A fragment that htmx asks for is answered 401 rather than with the sign-in page,
    which would otherwise be swapped into the middle of the screen."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if getattr(request, "htmx", False) and not request.user.is_authenticated:
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        try:
            return entered(request, *args, **kwargs)
        except Forbidden:
            raise PermissionDenied from None

    entered = login_required(view)
    return guarded


def person(request: HttpRequest) -> User:
    """The signed-in person; only for views behind `page`."""
    assert isinstance(request.user, User)
    return request.user
