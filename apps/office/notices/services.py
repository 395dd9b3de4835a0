"""Writes of notices: drafted, drafted anew, changed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.problems import invalid
from apps.office.notices.asking import wanted_from
from apps.office.notices.body import gap_mark
from apps.office.notices.draft import Draft, FieldValue, Gap, Paragraph, Role, Source, draft_from
from apps.office.notices.drafting import choice_of, write_draft
from apps.office.notices.facts import clean
from apps.office.notices.models import Notice
from apps.office.notices.precedents import precedents_for
from apps.office.notices.style import Precedent, style_of

LONGEST_PARAGRAPH, MOST_PARAGRAPHS, LONGEST_TITLE = 3000, 300, 200
TEMPLATE = "template"
_ROLES: tuple[Role, ...] = ("opening", "head", "body", "item", "closing")


def draft_for(user: User, request: dict[str, Any]) -> tuple[Draft, list[Precedent]]:
    """The draft by blueprint, in the words of earlier documents that the person may read.
    Raises Problem 422 where a field does not hold."""
    wanted = wanted_from(request)
    choice = choice_of(wanted)
    chosen = request.get("cabinet_ids")
    cabinets: Sequence[UUID] | None = [UUID(str(key)) for key in chosen] if chosen else None
    precedents = precedents_for(user, title=wanted.subject, kind=choice.kind.name, cabinet_ids=cabinets)
    return write_draft(wanted, style=style_of(precedents, closing=choice.kind.closing)), precedents


def notice_create(*, by: User, request: dict[str, Any], draft: Draft) -> Notice:
    return Notice.objects.create(
        owner=by, kind=draft.kind, title=draft.title[:400], request=request, content=draft.as_json()
    )


def notice_redraft(notice: Notice, *, request: dict[str, Any], draft: Draft) -> Notice:
    """Written anew from other facts; what a person changed by hand in the old text is gone."""
    notice.kind, notice.title, notice.request = draft.kind, draft.title[:400], request
    return notice_keep(notice, draft=draft, written_by=TEMPLATE)


def notice_keep(notice: Notice, *, draft: Draft, written_by: str) -> Notice:
    notice.content, notice.written_by, notice.title = draft.as_json(), written_by[:200], draft.title[:400]
    notice.save()
    return notice


def notice_edit(
    notice: Notice, *, title: str | None = None, paragraphs: Sequence[dict[str, Any]] | None = None
) -> Notice:
    """The text as a person wants it. Paragraphs that stay as they were keep their sources."""
    draft = draft_from(notice.content)
    if title is not None:
        draft.title = clean(title)[:LONGEST_TITLE]
        if not draft.title:
            raise invalid("title", _("A document needs a title."))
        draft.fields["title"] = FieldValue(draft.title, Source("person"))
    if paragraphs is not None:
        draft.paragraphs = _edited(draft, paragraphs)
        draft.gaps = [gap for gap in draft.gaps if not _closed(gap, draft, notice)]
    return notice_keep(notice, draft=draft, written_by=notice.written_by)


def _edited(draft: Draft, given: Sequence[dict[str, Any]]) -> list[Paragraph]:
    if len(given) > MOST_PARAGRAPHS:
        raise invalid("paragraphs", _("At most %(most)d paragraphs.") % {"most": MOST_PARAGRAPHS})
    known = {paragraph.text: paragraph for paragraph in draft.paragraphs}
    found = []
    for place, one in enumerate(given):
        text = clean(str(one.get("text") or ""))
        if len(text) > LONGEST_PARAGRAPH:
            raise invalid(
                f"paragraphs.{place}.text", _("At most %(most)d characters.") % {"most": LONGEST_PARAGRAPH}
            )
        if not text:
            continue
        before = known.get(text)
        role = one.get("role") if one.get("role") in _ROLES else "body"
        level = min(4, max(0, int(one.get("level") or 0)))
        sources = before.sources if before else (Source("person"),)
        found.append(Paragraph(text, level, role, sources, before.gaps if before else ()))  # type: ignore[arg-type]
    return found


def _closed(gap: Gap, draft: Draft, notice: Notice) -> bool:
    """A gap of the text that stands there no longer, since somebody wrote over it."""
    mark = gap_mark(gap.field)
    stood = any(mark in entry["text"] for entry in notice.content["paragraphs"])
    return stood and not any(mark in paragraph.text for paragraph in draft.paragraphs)
