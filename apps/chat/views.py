"""The Ask page and its fragments. What changes anything goes through the REST interface."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.accounts.requests import SignedInRequest
from apps.assistants.access import assistants_for
from apps.assistants.library import needs_chinese_model
from apps.assistants.models import Assistant
from apps.assistants.providers import chat_models
from apps.cabinets import access
from apps.cabinets.models import Role
from apps.chat import choosing, firsts, listing, pages, selectors
from apps.chat.models import Conversation
from apps.chat.passages import passage_html
from apps.rag.reasoning_switch import has_switch

MOST_CABINETS = 200
MOST_ASSISTANTS = 100


@login_required
@require_GET
def ask(request: SignedInRequest) -> HttpResponse:
    return render(request, "chat/ask.html", _page(request))


@login_required
@require_GET
def conversation(request: SignedInRequest, conversation_id: UUID) -> HttpResponse:
    """The page, or its turns alone for scripts."""
    found = selectors.conversation_for(request.user, conversation_id)
    if request.htmx:
        return render(request, "chat/_turns.html", {"turns": pages.thread(request.user, found)})
    return render(request, "chat/ask.html", _page(request, found))


@login_required
@require_GET
def conversation_list(request: SignedInRequest) -> HttpResponse:
    """A page of the history; apps/chat/listing.py says which parameters it takes."""
    return render(request, "chat/_history.html", listing.history(request))


@login_required
@require_GET
def message_fragment(request: SignedInRequest, message_id: UUID) -> HttpResponse:
    """One answer with its question as the thread shows them; scripts put them in place of the streamed ones."""
    message = selectors.message_for(request.user, message_id)
    messages = [message.parent, message] if message.parent else [message]
    selectors.messages_ready(request.user, message.conversation, messages)
    return render(request, "chat/_turns.html", {"turns": pages.turns(request.user, messages)})


@login_required
@require_GET
def message_source(request: SignedInRequest, message_id: UUID, number: int) -> HttpResponse:
    """A cited source: the panel's fragment for scripts, a page of its own otherwise."""
    opened = selectors.source_for(request.user, message_id, number)
    back = reverse("conversation", args=[opened.source.message.conversation_id])
    context = source_context(opened) | {"back": back}
    return render(request, "chat/_source.html" if request.htmx else "chat/source.html", context)


def source_context(opened: selectors.OpenedSource) -> dict[str, Any]:
    """What chat/_source.html shows of a source."""
    return {
        "opened": opened,
        "source": opened.source,
        "document": opened.document,
        "place": pages.place(opened.source),
        "boxes": [pages.framed(box) for box in opened.boxes],
        "passage": passage_html(
            before=opened.passage_before,
            passage=opened.passage,
            quote=opened.quote,
            after=opened.passage_after,
        ),
    }


def _page(request: SignedInRequest, found: Conversation | None = None) -> dict[str, Any]:
    cabinets = list(access.cabinets_for(request.user).order_by("name")[:MOST_CABINETS])
    models = [model.name for model in chat_models()]
    assistant = _assistant(request, found)
    chosen = set(found.cabinets.values_list("pk", flat=True)) if found else set()
    turns = pages.thread(request.user, found) if found else []
    return {
        "conversation": found,
        "turns": turns,
        "cabinets": cabinets,
        "chosen": chosen & {cabinet.pk for cabinet in cabinets},
        "contributing": list(
            access.cabinets_for(request.user, role=Role.CONTRIBUTOR).order_by("name")[:MOST_CABINETS]
        ),
        "suggestions": [] if found else firsts.questions(request.user, cabinets, assistant),
        "assistants": list(assistants_for(request.user)[:MOST_ASSISTANTS]),
        "assistant": assistant,
        "places": _places(request.user, found),
        "needs_chinese": request.user.is_superuser and not found and needs_chinese_model(),
        "models": models,
        "switches": [name for name in models if has_switch(name)],
        "rewrites": found.rewrites if found else True,
        "context_tokens": settings.LLM_CONTEXT_TOKENS if models else 0,
        "model": _model(found, turns, models),
        "page_strings": page_strings() | turn_strings() | listing.strings() | pages.citation_strings(),
        **listing.history(request, current=str(found.pk) if found else ""),
    }


def _model(found: Conversation | None, turns: list[pages.Turn], models: list[str]) -> str:
    """The conversation's, else that of its last answer, as long as it is offered."""
    answered = [turn.message.model for turn in turns if turn.message.model]
    name = (found.model if found else "") or (answered[-1] if answered else "")
    return name if name in models else ""


def _assistant(request: SignedInRequest, found: Conversation | None) -> Assistant | None:
    """That of the conversation, or the one that ?assistant= names for a new one; None where it is not the
    person's (any more)."""
    key = found.assistant_id if found else _key(request.GET.get("assistant", ""))
    return assistants_for(request.user).filter(pk=key).first() if key else None


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _places(user: User, found: Conversation | None) -> dict[str, Any]:
    """The folders, documents and the day of the conversation's scope, for its chips."""
    places = choosing.shown_places(user, found)
    return {
        "folders": [{"id": str(row.pk), "name": row.path} for row in places.folders],
        "documents": [{"id": str(row.pk), "name": row.title} for row in places.documents],
        "as_of": found.scope.get("as_of", "") if found else "",
    }


def page_strings() -> dict[str, str]:
    """Sentences that the scripts of the Ask page say."""
    return {
        "still_reading": _("“{name}” is still being read. Ask in a moment."),
        "chosen_places": _("Chosen places"),
        "as_of": _("as of {day}"),
        "remove": _("Remove “{name}”"),
        "no_place": _("No folder or document has these words in its name."),
        "file_uploading": _("uploading"),
        "file_reading": _("being read"),
        "pasted_name": _("Pasted text"),
        "pasted_long": _(
            "A question has at most {most} characters. The text was attached as a file: ask about it."
        ),
        "file_failed": _("could not be read"),
        "assistant": _("Assistant"),
        "go_on": _("Questions to go on with"),
        "no_microphone": _("The browser may not use the microphone. Allow it in the settings of this page."),
        "no_dictation": _("The browser could not turn speech into text."),
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
        "thanks": _("Thank you, noted."),
        "golden_kept": _("Kept as a golden question"),
        "golden_edit": _("Edit"),
        "partial": _("Only partly found in the cited passages."),
        "unsupported": _("Not found in the cited passages. Check it before you rely on it."),
    }


def turn_strings() -> dict[str, str]:
    """Sentences about branches, comparing and the size of a prompt."""
    return {
        "phase_understand": _("Understanding the question"),
        "phase_search_for": _("Searching for: {queries}"),
        "edit_label": _("The question in other words"),
        "tokens_of": _("About {count} of {most} tokens"),
        "compare_most": _("Three models at most."),
    }
