"""Administration: all cabinets in one table."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.cabinets.selectors_overview import cabinets_overview
from apps.cabinets.views.guard import page, person

CABINETS_ON_A_PAGE = 50


@require_GET
@page
def cabinets_page(request: HttpRequest) -> HttpResponse:
    if not person(request).is_superuser:
        raise PermissionDenied
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    shown = Paginator(cabinets_overview(query=query), CABINETS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "cabinets/overview.html", {"shown": shown, "query": query})
