"""What these pages share: the cabinet they are about, and the list of those that one manages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Cabinet
from apps.core.problems import Problem

MOST_CABINETS = 200
LONGEST_QUERY = 2000


def managed(user: User) -> list[Cabinet]:
    return list(access.managed_cabinets_for(user).order_by("name", "id")[:MOST_CABINETS])


def chosen_cabinet(request: HttpRequest, user: User, cabinets: list[Cabinet]) -> Cabinet | None:
    """The one that ?cabinet= names, else the first. Raises as the gate does."""
    key = uuid_of(request.GET.get("cabinet", ""))
    if key is not None:
        return access.managed_cabinet_for(user, key)
    if request.GET.get("cabinet"):
        raise Http404
    return cabinets[0] if cabinets else None


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def asked(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]


def frame(cabinets: list[Cabinet], cabinet: Cabinet | None, *, here: str) -> dict[str, Any]:
    """For quality/_frame.html: the tabs, and the cabinets to choose from."""
    return {"cabinets": cabinets, "cabinet": cabinet, "here": here}


def said(problem: Problem) -> str:
    return str(problem.detail or " ".join(error["message"] for error in problem.errors))
