"""What the cabinet page's templates are given."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Cabinet, Folder, Role
from apps.cabinets.selectors import attachments_of
from apps.cabinets.views.listing import BUSY, Column, Listing, find, rows_of
from apps.rag.parsing.sniff import EXTENSIONS

MOST_TARGETS = 500  # folders offered when moving


def cabinet_context(user: User, cabinet: Cabinet, folder: Folder | None, listing: Listing) -> dict[str, Any]:
    """The frame of the page: where we are, what the person may do here, filters and columns."""
    role = access.role_in(user, folder) if folder is not None else Role.VIEWER
    root = folder if folder is not None and folder.is_root else access.root_of(cabinet)
    return {
        "cabinet": cabinet,
        "cabinet_key": str(cabinet.pk),
        "folder": folder,
        "root": root if access.role_in(user, root) else None,
        "may_change": role in Role.at_least(Role.CONTRIBUTOR),
        "may_manage": access.role_in(user, root) == Role.MANAGER,
        "listing": listing,
        "columns": _columns(listing),
        "filters": _filters(listing),
        "targets": access.folders_for(user, role=Role.CONTRIBUTOR).filter(cabinet=cabinet)[:MOST_TARGETS],
        "accepted": ",".join(f".{extension}" for extension in (*EXTENSIONS, "zip")),
        "extensions": " ".join(EXTENSIONS),
        "max_upload_mb": settings.MAX_UPLOAD_MB,
        "max_archive_mb": settings.MAX_ARCHIVE_MB,
        "max_files": settings.MAX_FILES_PER_UPLOAD,
    }


def rows_context(user: User, cabinet: Cabinet, folder: Folder | None, listing: Listing) -> dict[str, Any]:
    """The rows of one page. `busy` says whether the fragment asks for itself again."""
    shown = find(user, listing, cabinet=cabinet, folder=folder)
    documents = list(shown.object_list)
    if not listing.narrowed:
        attached = attachments_of(user, documents)
        documents = [one for mail in documents for one in (mail, *attached.get(mail.pk, ()))]
    here = {document.folder_id for document in documents}
    changeable = access.folders_for(user, role=Role.CONTRIBUTOR).filter(pk__in=here)
    if folder is None or folder.is_root:  # the address of the top redirects, and would lose `part`
        address = reverse("cabinet", args=(cabinet.pk,))
    else:
        address = reverse("folder", args=(cabinet.pk, folder.pk))
    part = listing.address(page=listing.page, part="rows")
    return {
        "rows": rows_of(documents, changeable=set(changeable.values_list("pk", flat=True))),
        "shown": shown,
        "busy": any(document.status in BUSY for document in documents),
        "rows_url": address + part,
        "listing": listing,
        "folder": folder,
        "cabinet": cabinet,
        "previous_href": listing.address(page=shown.number - 1) if shown.has_previous() else "",
        "next_href": listing.address(page=shown.number + 1) if shown.has_next() else "",
    }


def _columns(listing: Listing) -> list[Column]:
    labels = [
        ("name", _("Name"), False),
        ("kind", _("Kind"), False),
        ("status", _("Status"), False),
        ("pages", _("Pages"), True),
        ("size", _("Size"), True),
        ("owner", _("Owner"), False),
        ("updated", _("Updated"), False),
    ]
    return [_column(listing, key, label, number=number) for key, label, number in labels]


def _column(listing: Listing, key: str, label: str, *, number: bool) -> Column:
    direction = {key: "ascending", f"-{key}": "descending"}.get(listing.sort, "")
    following = f"-{key}" if direction == "ascending" else key
    return Column(key, label, listing.address(sort=following), direction, number)


def _filters(listing: Listing) -> list[dict[str, Any]]:
    names = [("", _("All")), ("ready", _("Ready")), ("busy", _("In work")), ("failed", _("Failed"))]
    return [
        {"label": label, "href": listing.address(status=value), "current": listing.status == value}
        for value, label in names
    ]
