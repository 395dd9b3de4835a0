"""Template tags and filters of the product: {% load askive %}."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

register = template.Library()

_UNITS = ("KB", "MB", "GB", "TB")
_ICONS = {
    "pdf": "document-pdf",
    "doc": "document-doc",
    "docx": "document-doc",
    "odt": "document-doc",
    "rtf": "document-doc",
    "wps": "document-doc",
    "xls": "document-sheet",
    "xlsx": "document-sheet",
    "ods": "document-sheet",
    "csv": "document-sheet",
    "ppt": "document-slides",
    "pptx": "document-slides",
    "odp": "document-slides",
    "eml": "document-mail",
    "msg": "document-mail",
    "html": "document-web",
    "htm": "document-web",
    "mhtml": "document-web",
    "png": "document-image",
    "jpg": "document-image",
    "jpeg": "document-image",
    "txt": "document-text",
    "md": "document-text",
}


@register.simple_tag
def icon(name: str, *, small: bool = False, label: str = "") -> SafeString:
    """An icon of static/icons/sprite.svg. Without a label it is decoration and hidden from readers."""
    classes = "icon small" if small else "icon"
    href = f"{static('icons/sprite.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', classes, label, href
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, href)


@register.filter
def file_icon(filename: str) -> str:
    """The name of the icon for a file: {% icon document.filename|file_icon %}."""
    return _ICONS.get(str(filename).rpartition(".")[2].lower(), "document")


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """A moment as people say it, in <time> with the exact moment in its title; "" for None."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    exact = date_format(local, "Y-m-d H:i:s")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact, spoken(local)
    )


def spoken(local: datetime, *, now: datetime | None = None) -> str:
    """The words for a local moment, seen from `now`. A future moment is said by its date."""
    now = now or timezone.localtime()
    seconds = (now - local).total_seconds()
    if -60 < seconds < 60:
        return _("just now")
    if 0 < seconds < 3600:
        minutes = int(seconds // 60)
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
    clock = f"{local:%H:%M}"
    if local.date() == now.date():
        return _("today %(clock)s") % {"clock": clock}
    if local.date() == now.date() - timedelta(days=1):
        return _("yesterday %(clock)s") % {"clock": clock}
    return spoken_date(local.date(), today=now.date())


def spoken_date(day: date, *, today: date) -> str:
    """ "3月5日" or "5 Mar" within the year, with the year otherwise."""
    if (get_language() or "").startswith("zh"):
        return (
            f"{day.month}月{day.day}日" if day.year == today.year else f"{day.year}年{day.month}月{day.day}日"
        )
    return date_format(day, "j M" if day.year == today.year else "j M Y")


@register.filter
def day_group(moment: datetime) -> str:
    """The heading under which a list puts a moment: today, yesterday, the last days, or its month."""
    local, today = timezone.localtime(moment).date(), timezone.localdate()
    if local >= today:
        return _("Today")
    if local == today - timedelta(days=1):
        return _("Yesterday")
    if local > today - timedelta(days=7):
        return _("Last 7 days")
    if local > today - timedelta(days=30):
        return _("Last 30 days")
    if (get_language() or "").startswith("zh"):
        return f"{local.year}年{local.month}月"
    return date_format(local, "F Y")


@register.filter
def filesize2(size: Any) -> str:
    """Bytes with a unit, two significant places: 812 B, 1.2 MB, 34 MB. "" for None."""
    if size is None or size == "":
        return ""
    value = float(size)
    if value < 1000:
        return f"{int(value)} B"
    for unit in _UNITS:
        value /= 1000
        if value < 999.5 or unit == _UNITS[-1]:
            break
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


@register.filter
def seconds(milliseconds: Any) -> str:
    """Milliseconds as seconds with one place: 3400 → "3.4"."""
    return f"{float(milliseconds or 0) / 1000:.1f}"


@register.filter
def grouped(number: Any) -> str:
    """A count in groups of three, as both languages write it: 32616 → "32,616"; "" for none."""
    return "" if number is None else f"{int(number):,}"


@register.filter
def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


@register.filter
def initial(name: str) -> str:
    """The first character of a name, for an avatar; "·" for an empty one."""
    return str(name).strip()[:1] or "·"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """mapping[key], or "" where there is none: {{ timings|get:"total" }}."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.filter
def unlocalised(value: Any) -> str:
    """A number as a form field takes it, whatever the language: 0.2 → "0.2"."""
    return "" if value is None else str(value)
