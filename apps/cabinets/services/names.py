"""The names of cabinets, folders and files: without what cannot be seen or would mislead."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from apps.core.problems import invalid

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
MAX_NAME = 250  # below the 255 at which Django cuts a name before it gets here


def clean_name(name: str, *, field: str = "name", longest: int = 120) -> str:
    """A display name: NFC, without control and direction marks, path separators or outer spaces."""
    cleaned = CONTROL.sub("", unicodedata.normalize("NFC", name)).strip()
    if not cleaned or cleaned in {".", ".."}:
        raise invalid(field, _("Enter a name."))
    if "/" in cleaned or "\\" in cleaned:
        raise invalid(field, _("A name cannot contain / or \\."))
    if len(cleaned) > longest:
        raise invalid(field, _("A name can have at most %(most)d characters.") % {"most": longest})
    return cleaned


def clean_filename(raw: str) -> str:
    """The last part of what a browser or archive called the file, without control marks.

    Over-long names are refused rather than cut, since a cut name lies."""
    name = CONTROL.sub("", raw.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not name or name in {".", ".."}:
        raise invalid("file", _("The file has no name."))
    if len(name) > MAX_NAME or len(name.encode()) > 4 * MAX_NAME:
        raise invalid("file", _("The file name is longer than %(most)d characters.") % {"most": MAX_NAME})
    return name
