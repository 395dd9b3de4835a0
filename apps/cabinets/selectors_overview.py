"""All cabinets for administrators: what they hold, who manages them, and which nobody does."""

from __future__ import annotations

from django.db.models import BigIntegerField, Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.cabinets.models import Cabinet, Document, Folder, Grant, Role


def cabinets_overview(*, query: str = "") -> QuerySet[Cabinet]:
    """With `holding` (documents), `bytes`, `failed`, `given` (grants) and `cut` (folders that break the inheritance) of each;
    `managing` are the grants of its managers."""
    managers = Grant.objects.filter(role=Role.MANAGER, folder=None).select_related(
        "user", "department", "group"
    )
    found = Cabinet.objects.filter(deleted_at=None, personal=False).order_by("name", "id")
    if query:
        found = found.filter(Q(name__icontains=query) | Q(description__icontains=query))
    held = Document.objects.exclude(status=Document.Status.DELETING)
    return found.annotate(
        holding=_of(held, Count("pk")),
        bytes=_of(held, Sum("size")),
        failed=_of(held.filter(status=Document.Status.FAILED), Count("pk")),
        given=_of(Grant.objects.all(), Count("pk")),
        cut=_of(Folder.objects.filter(inherits=False), Count("pk")),
    ).prefetch_related(Prefetch("grants", managers, to_attr="managing"))


def _of(rows: QuerySet, number: Count | Sum) -> Coalesce:
    """One number of each cabinet's rows, 0 where there are none."""
    grouped = rows.filter(cabinet=OuterRef("pk")).order_by().values("cabinet").annotate(number=number)
    return Coalesce(Subquery(grouped.values("number"), output_field=BigIntegerField()), 0)
