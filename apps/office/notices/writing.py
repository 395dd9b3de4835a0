"""One notice from the call to the row, with a model where there is one: events for a stream, or the end alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _

from apps.accounts.limits import require_tokens
from apps.accounts.models import User
from apps.assistants.providers import ChatModel, chat_model, client_for
from apps.assistants.usage import usage_add
from apps.core.database import release_connection
from apps.office.notices.draft import Draft
from apps.office.notices.model_writing import Written, as_event, whole, write_by_model
from apps.office.notices.models import Notice
from apps.office.notices.services import draft_for, notice_create, notice_keep, notice_redraft
from apps.office.notices.style import Precedent
from apps.rag.errors import ModelError

logger = logging.getLogger(__name__)
SECONDS = 120
Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Begun:
    """A notice whose draft by blueprint is kept; `chosen` writes it again, None where nothing does."""

    user: User
    row: Notice
    draft: Draft
    precedents: list[Precedent]
    chosen: ChatModel | None


async def notice_begin(
    user: User, request: dict[str, Any], *, writer: str, model: str = "", notice: Notice | None = None
) -> Begun:
    """`writer` "template" asks no model. Raises Problem 422 for bad input."""
    return await sync_to_async(_begin)(user, request, writer, model, notice)


async def notice_events(begun: Begun) -> AsyncIterator[Event | Notice]:
    """`start`, the draft by blueprint as `draft`, then `paragraph` events of the model; the notice itself ends it."""
    draft, chosen = begun.draft, begun.chosen
    yield "start", {"id": str(begun.row.pk), "model": chosen.name if chosen else None}
    shown = [as_event(at, one) for at, one in enumerate(draft.paragraphs)]
    yield "draft", {"title": draft.title, "paragraphs": shown}
    if chosen is None:
        yield begun.row
        return
    written = Written()
    try:
        async with asyncio.timeout(SECONDS):
            lines = write_by_model(
                client_for(chosen), model=chosen.name, draft=draft, precedents=begun.precedents, into=written
            )
            async for one in lines:
                yield "paragraph", as_event(len(written.paragraphs) - 1, one)
    except (TimeoutError, ModelError) as error:
        written.failed = "model_timeout" if isinstance(error, TimeoutError) else error.code
    yield await sync_to_async(_end)(begun.user, begun.row, draft, written, chosen)


def _begin(user: User, request: dict[str, Any], writer: str, model: str, notice: Notice | None) -> Begun:
    try:
        chosen = chat_model(model) if writer != "template" else None
        if chosen is not None:
            require_tokens(user)
        draft, precedents = draft_for(user, request)
        if writer == "model" and chosen is None:
            draft.warnings.append(_("There is no chat model: this was written from the template."))
        row = (
            notice_redraft(notice, request=request, draft=draft)
            if notice is not None
            else notice_create(by=user, request=request, draft=draft)
        )
        return Begun(user, row, draft, precedents, chosen)
    finally:
        release_connection()


def _end(user: User, row: Notice, draft: Draft, written: Written, chosen: ChatModel) -> Notice:
    """Keep the model's text where there is enough of it; else the blueprint's, with a word why."""
    try:
        if written.prompt_tokens or written.completion_tokens:
            usage_add(
                user,
                kind="notice",
                model=chosen.name,
                prompt_tokens=written.prompt_tokens,
                completion_tokens=written.completion_tokens,
            )
        if written.failed or not written.paragraphs:
            logger.info(
                "notice %s stays as the template wrote it: %s", row.pk, written.failed or "nothing usable"
            )
            draft.warnings.append(
                _("The model did not write this to its end: the text is that of the template.")
            )
            return notice_keep(row, draft=draft, written_by="template")
        if written.rejected:
            draft.warnings.append(
                _("%(count)d sentences of the model were left out, since they said what you did not tell.")
                % {"count": written.rejected}
            )
        draft.paragraphs = whole(draft, written.paragraphs)
        return notice_keep(row, draft=draft, written_by=chosen.name)
    finally:
        release_connection()


async def notice_written(begun: Begun) -> Notice:
    """The end alone."""
    row = begun.row
    async for event in notice_events(begun):
        if isinstance(event, Notice):
            row = event
    return row
