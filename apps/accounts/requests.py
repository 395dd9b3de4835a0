"""The request as a page gets it, for type checkers: who is signed in, and what htmx says of itself."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from apps.accounts.models import User


class SignedInRequest(HttpRequest):
    """What `login_required` lets through. Nothing is made of this class: the middleware puts these there."""

    user: User
    htmx: HtmxDetails
