"""A shared conversation as a colleague reads it, and a conversation as it is printed."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.accounts.requests import SignedInRequest
from apps.chat import exporting, pages, selectors, sharing
from apps.chat.views import source_context


@login_required
@require_GET
def shared(request: SignedInRequest, token: str) -> HttpResponse:
    share = sharing.share_for(request.user, token)
    sharing.share_opened(share, by=request.user)
    turns = sharing.shared_turns(request.user, share)
    context = {
        "share": share,
        "conversation": share.conversation,
        "turns": turns,
        "withheld": sum(entry.withheld for entry in turns),
        "is_mine": share.conversation.user_id == request.user.pk,
        "page_strings": pages.citation_strings(),
    }
    return render(request, "chat/shared.html", context)


@login_required
@require_GET
def shared_source(request: SignedInRequest, token: str, message_id: UUID, number: int) -> HttpResponse:
    opened = sharing.shared_source(request.user, token, message_id, number)
    context = source_context(opened) | {"back": reverse("shared", args=[token])}
    return render(request, "chat/_source.html" if request.htmx else "chat/source.html", context)


@login_required
@require_GET
def printed(request: SignedInRequest, conversation_id: UUID) -> HttpResponse:
    """Without frame and controls: the browser makes paper or a PDF of it."""
    found = selectors.conversation_for(request.user, conversation_id)
    paper = exporting.paper_of(request.user, found)
    turns = pages.turns(request.user, selectors.messages_of(found))
    return render(
        request,
        "chat/print.html",
        {"paper": paper, "conversation": found, "turns": turns, "stamp": exporting.stamp(paper)},
    )
