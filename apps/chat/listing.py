"""The list of conversations beside the thread: pages of it, its groups, and what its scripts say."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.requests import SignedInRequest
from apps.chat import organising
from apps.chat.models import Conversation
from apps.chat.organising import ListFilter
from apps.core.templatetags.askive import day_group

PAGE = 50
MOST_ROWS = 10_000


def history(request: SignedInRequest, *, current: str = "") -> dict[str, Any]:
    """Conversations from ?offset=, of ?folder=, of the archive (?archived=1) or found by ?q=; ?current= names
    the one that is open. `more` is the query of the next page, "" at the end."""
    asked = request.GET if not current else {}
    wanted = _filter(asked)
    start = _number(asked.get("offset", ""))
    current = current or request.GET.get("current", "")
    found = list(organising.listed(request.user, wanted)[start : start + PAGE + 1])
    return {
        "current": current,
        "filter": wanted,
        "folders": list(organising.folders_for(request.user)) if not start else [],
        "folder": _open_folder(request, wanted),
        "history": [_grouped(row, wanted) for row in found[:PAGE]],
        "is_first": start == 0,
        "more": _query(wanted, current, start + PAGE) if len(found) > PAGE else "",
    }


def _filter(asked: Any) -> ListFilter:
    folder = asked.get("folder", "")
    try:
        folder_id = UUID(folder) if folder else None
    except ValueError:
        folder_id = UUID(int=0)  # a folder that nobody has
    return ListFilter(
        query=asked.get("q", "").strip()[:100], folder_id=folder_id, archived=asked.get("archived") == "1"
    )


def _number(text: str) -> int:
    return min(int(text), MOST_ROWS) if text.isdecimal() else 0


def _open_folder(request: SignedInRequest, wanted: ListFilter) -> Any:
    if wanted.folder_id is None:
        return None
    return organising.folder_for(request.user, wanted.folder_id)


def _grouped(row: Conversation, wanted: ListFilter) -> Conversation:
    """The row with the heading it stands under, and the words that were found in it."""
    pinned = row.pinned_at is not None and not wanted.query
    row.group = _("Pinned") if pinned else day_group(row.updated_at)  # type: ignore[attr-defined]
    found = getattr(row, "found_in", "")
    row.snippet = organising.snippet(found, wanted.query)  # type: ignore[attr-defined]
    return row


def _query(wanted: ListFilter, current: str, offset: int) -> str:
    parts = {
        "q": wanted.query,
        "folder": str(wanted.folder_id or ""),
        "archived": "1" if wanted.archived else "",
        "current": current,
        "offset": str(offset),
    }
    return urlencode({name: value for name, value in parts.items() if value})


def strings() -> dict[str, str]:
    """Sentences of the scripts of the list."""
    return {
        "deleted": _("Conversation deleted"),
        "archived": _("Conversation archived"),
        "unarchived": _("Back in the list"),
        "moved": _("Moved to “{name}”"),
        "moved_out": _("Taken out of its folder"),
        "name": _("Name of the conversation"),
        "untitled": _("New conversation"),
        "folder_name": _("Name of the folder"),
        "folder_deleted": _("Folder deleted; its conversations stay"),
        "cancel": _("Cancel"),
        "delete": _("Delete"),
        "delete_folder": _("Delete the folder “{name}”?"),
        "delete_folder_text": _("Its conversations stay in your list."),
        "share_open": _("Whoever in the organisation has the link can read."),
        "share_closed": _("Nobody but you can read it."),
        "shared": _("The link is open"),
        "unshared": _("The link was withdrawn"),
        "saved": _("Saved. It can be searched in a moment."),
    }
