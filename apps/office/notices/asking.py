"""What a caller asks for, checked and made into what the writing needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.core.problems import invalid
from apps.office.notices.draft import Attachment
from apps.office.notices.drafting import Wanted
from apps.office.notices.facts import clean, read_day, read_facts
from apps.office.notices.kinds import KINDS, kind_named

LONGEST_SUBJECT, LONGEST_ISSUER, MOST_ADDRESSEES = 200, 100, 30
DIRECTIONS = ("", "up", "down", "level", "public")
MOST_ATTACHMENTS, LONGEST_ATTACHMENT = 20, 20_000


def wanted_from(request: dict[str, Any]) -> Wanted:
    """`request` as the interface takes it. Raises Problem 422 with the field."""
    subject = clean(str(request.get("subject") or ""))
    if not subject:
        raise invalid("subject", _("Say in a few words what it is about."))
    if len(subject) > LONGEST_SUBJECT:
        raise invalid("subject", _("At most %(most)d characters.") % {"most": LONGEST_SUBJECT})
    issuer = clean(str(request.get("issuer") or ""))
    if len(issuer) > LONGEST_ISSUER:
        raise invalid("issuer", _("At most %(most)d characters.") % {"most": LONGEST_ISSUER})
    wanted_kind = clean(str(request.get("kind") or ""))
    if wanted_kind and kind_named(wanted_kind) is None:
        raise invalid("kind", _("Choose one of: %(kinds)s.") % {"kinds": "、".join(KINDS)})
    direction = str(request.get("direction") or "")
    if direction not in DIRECTIONS:
        raise invalid("direction", _("direction is up, down, level or public."))
    day = str(request.get("date") or "")
    return Wanted(
        subject=subject,
        kind=wanted_kind,
        issuer=issuer,
        addressees=_addressees(request.get("addressees")),
        facts=read_facts(request.get("facts") or {}),
        day=read_day(day, where="date") if day else None,
        document_number=clean(str(request.get("document_number") or ""))[:60],
        direction=direction,
        attachments=_attachments(request.get("attachments") or ()),
    )


def _addressees(given: Any) -> tuple[str, ...]:
    """A list, or one text with commas between bodies of different kinds."""
    if not given:
        return ()
    parts = given if isinstance(given, list) else str(given).replace(",", "，").split("，")
    names = tuple(clean(str(part)).rstrip("：:") for part in parts)
    names = tuple(name for name in names if name)
    if len(names) > MOST_ADDRESSEES or sum(map(len, names)) > 600:
        raise invalid("addressees", _("At most %(most)d receivers.") % {"most": MOST_ADDRESSEES})
    return names


def _attachments(given: Sequence[dict[str, Any]]) -> tuple[Attachment, ...]:
    if len(given) > MOST_ATTACHMENTS:
        raise invalid("attachments", _("At most %(most)d attachments.") % {"most": MOST_ATTACHMENTS})
    found = []
    for place, one in enumerate(given):
        title = clean(str(one.get("title") or ""))[:200]
        text = str(one.get("text") or "")
        if not title:
            raise invalid(f"attachments.{place}.title", _("An attachment needs a name."))
        if len(text) > LONGEST_ATTACHMENT:
            raise invalid(
                f"attachments.{place}.text", _("At most %(most)d characters.") % {"most": LONGEST_ATTACHMENT}
            )
        lines = tuple(line for raw in text.splitlines() if (line := clean(raw)))
        found.append(Attachment(title, lines))
    return tuple(found)
