"""What the frame of every page needs: navigation, theme, and sentences that scripts say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

THEME_COOKIE = "askive_theme"
LIST_COOKIE = "askive_list"
THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place in the rail. `names` are the URL names that belong to it."""

    label: str
    icon: str
    href: str
    current: bool
    count: int = 0


# (label, icon, URL name, further URL names of the same place, administrators only)
_PLACES = (
    (
        "Ask",
        "ask",
        "ask",
        ("conversation", "message-source", "shared", "assistants", "assistant", "assistant-new"),
        False,
    ),
    ("Cabinets", "cabinet", "cabinets", ("cabinet", "folder", "cabinet-members", "document"), False),
    (
        "Search",
        "search",
        "search",
        ("bench", "why", "golden", "golden-new", "golden-question", "golden-run"),
        False,
    ),
    ("Writing", "write", "writing", ("notices", "notice", "forms", "form", "webhooks"), False),
    ("Inbox", "inbox", "inbox", (), False),
    (
        "Admin",
        "admin",
        "people",
        (
            "people-import",
            "sign-in-rules",
            "health",
            "models",
            "usage",
            "audit",
            "queue",
            "organisation",
            "all-cabinets",
        ),
        True,
    ),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html."""
    theme = chosen_theme(request)
    return {
        "nav": navigation(request),
        "theme": theme,
        "themes": [
            {"value": "system", "label": _("As the system"), "icon": "eye", "chosen": theme == "system"},
            {"value": "light", "label": _("Light"), "icon": "sun", "chosen": theme == "light"},
            {"value": "dark", "label": _("Dark"), "icon": "moon", "chosen": theme == "dark"},
        ],
        "list_state": "closed" if request.COOKIES.get(LIST_COOKIE) == "closed" else "open",
        "script_strings": script_strings(),
    }


def chosen_theme(request: HttpRequest) -> str:
    """The theme of the signed-in person, else the one kept in a cookie, else the system's."""
    user = getattr(request, "user", None)
    theme = getattr(user, "theme", "") or request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else "system"


def navigation(request: HttpRequest) -> list[NavItem]:
    """The places that exist and that this person may enter, in the order of the rail."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    here = getattr(getattr(request, "resolver_match", None), "url_name", None)
    labels = _labels()
    items = []
    for label, icon, name, others, admin_only in _PLACES:
        href = _address(name)
        if href is None or (admin_only and not user.is_superuser):
            continue
        items.append(
            NavItem(labels[label], icon, href, current=here in (name, *others), count=_count(name, user))
        )
    return items


def script_strings() -> dict[str, str]:
    """Sentences of the scripts that run on every page (see static/js/strings.js)."""
    return {
        "undo": _("Undo"),
        "close": _("Close"),
        "retry": _("Try again"),
        "copied": _("Copied"),
        "copy_failed": _("The browser did not allow copying. Select the text and copy it yourself."),
        "offline": _("No connection to the server. Check the network, then try again."),
        "server_error": _("The server could not do that. Try again in a moment."),
        "signed_out": _("You have been signed out. Sign in again to continue."),
        "forbidden": _("You may not do that."),
        "not_found": _("It is no longer there, or you may no longer see it."),
        "too_many": _("Too many requests. Wait a moment, then try again."),
    }


def _count(name: str, user: Any) -> int:
    path = settings.NAV_COUNTS.get(name)
    return import_string(path)(user) if path else 0


def _labels() -> dict[str, str]:
    return {
        "Ask": _("Ask"),
        "Cabinets": _("Cabinets"),
        "Search": _("Search"),
        "Writing": _("Writing"),
        "Inbox": _("Inbox"),
        "Admin": _("Admin"),
    }


def _address(name: str) -> str | None:
    """None while the place does not exist yet, so that the rail never names a dead end."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
