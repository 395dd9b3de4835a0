"""The Ask page and its fragments. What changes anything goes through the REST interface."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.assistants.providers import chat_models
from apps.cabinets import access
from apps.chat import pages, selectors
from apps.chat.models import Conversation
from apps.chat.passages import passage_html

PAGE = 50
MOST_CABINETS = 200


@login_required
@require_GET
def ask(request: HttpRequest) -> HttpResponse:
    return render(request, "chat/ask.html", _page(request))


@login_required
@require_GET
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    found = selectors.conversation_for(request.user, conversation_id)
    return render(request, "chat/ask.html", _page(request, found))


@login_required
@require_GET
def conversation_list(request: HttpRequest) -> HttpResponse:
    """A page of the history from ?offset=; ?current= names the conversation that is open."""
    offset = request.GET.get("offset", "0")
    start = min(int(offset), 10_000) if offset.isdecimal() else 0
    context = _history(request, start=start) | {"current": request.GET.get("current", "")}
    return render(request, "chat/_history.html", context)


@login_required
@require_GET
def message_fragment(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One answer as the thread shows it; scripts put it in place of the streamed one."""
    message = selectors.message_for(request.user, message_id)
    return render(request, "chat/_answer.html", {"turn": pages.turns(request.user, [message])[0]})


@login_required
@require_GET
def message_source(request: HttpRequest, message_id: UUID, number: int) -> HttpResponse:
    """A cited source: the panel's fragment for scripts, a page of its own otherwise."""
    opened = selectors.source_for(request.user, message_id, number)
    source, document = opened.source, opened.document
    context = {
        "opened": opened,
        "source": source,
        "document": document,
        "place": pages.place(source),
        "boxes": [pages.framed(box) for box in opened.boxes],
        "passage": passage_html(
            before=opened.passage_before,
            passage=opened.passage,
            quote=opened.quote,
            after=opened.passage_after,
        ),
    }
    if request.htmx:
        return render(request, "chat/_source.html", context)
    return render(request, "chat/source.html", context)


def _page(request: HttpRequest, found: Conversation | None = None) -> dict[str, Any]:
    cabinets = list(access.cabinets_for(request.user).order_by("name")[:MOST_CABINETS])
    messages = selectors.messages_of(found) if found else []
    chosen = set(found.cabinets.values_list("pk", flat=True)) if found else set()
    return {
        "conversation": found,
        "current": str(found.pk) if found else "",
        "turns": pages.turns(request.user, messages),
        "cabinets": cabinets,
        "chosen": chosen & {cabinet.pk for cabinet in cabinets},
        "suggestions": [] if found else pages.suggestions(cabinets),
        "models": [model.name for model in chat_models()],
        "model": found.model if found else "",
        "page_strings": page_strings(),
        **_history(request),
    }


def _history(request: HttpRequest, *, start: int = 0) -> dict[str, Any]:
    """Conversations from `start`; `next_offset` is None at the end of the history."""
    found = list(selectors.conversations_for(request.user)[start : start + PAGE + 1])
    return {"history": found[:PAGE], "next_offset": start + PAGE if len(found) > PAGE else None}


def page_strings() -> dict[str, str]:
    """Sentences that the scripts of the Ask page say."""
    return {
        "all_cabinets": _("All cabinets"),
        "some_cabinets": _("{count} cabinets"),
        "thinking": _("Thinking · {seconds} s"),
        "thought": _("Thought for {seconds} s"),
        "phase_search": _("Searching {cabinets}"),
        "phase_search_all": _("Searching"),
        "phase_read": _("Reading {passages} passages"),
        "phase_write": _("Writing · {passages} passages read"),
        "one_cabinet": _("1 cabinet"),
        "starting": _("Sending the question"),
        "finished": _("The answer is complete."),
        "stopping": _("Stopping"),
        "lost": _("The connection was lost before the answer was whole."),
        "deleted": _("Conversation deleted"),
        "renamed": _("Conversation renamed"),
        "thanks": _("Thank you, noted."),
        "partial": _("Only partly found in the cited passages."),
        "unsupported": _("Not found in the cited passages. Check it before you rely on it."),
        "name": _("Name of the conversation"),
        "untitled": _("New conversation"),
        "source_place": _("{index} of {count}"),
        "page": _("p. {page}"),
        "pages": _("pp. {first}–{last}"),
    }
