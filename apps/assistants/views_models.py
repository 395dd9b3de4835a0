"""The models page of administrators: who answers, and what searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.assistants import selectors
from apps.assistants.library import Entry, entries, needs_chinese_model
from apps.assistants.model_jobs import current_job, last_job
from apps.assistants.models import Provider
from apps.assistants.page_strings import page_strings, work_words
from apps.assistants.providers import chat_models
from apps.assistants.switching import can_undo
from apps.core.models import Job


@dataclass(frozen=True, slots=True)
class Row:
    """A model in the list. `languages` and `note` in the reader's language."""

    entry: Entry
    languages: str
    note: str
    size_mb: int | None


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """`allowed`: its host is in LLM_ALLOWED_HOSTS now."""

    provider: Provider
    allowed: bool
    models: list[str]


@require_GET
@login_required
def models_page(request: HttpRequest) -> HttpResponse:
    if not request.user.is_superuser:
        raise PermissionDenied
    if getattr(request, "htmx", False) and request.GET.get("part") == "search":
        return render(request, "assistants/_search_models.html", _search_context())
    return render(request, "assistants/models.html", _answer_context() | _search_context())


def _answer_context() -> dict[str, Any]:
    usable = chat_models()
    rows = [
        ProviderRow(
            provider,
            selectors.host_is_allowed(provider.base_url),
            [model.name for model in usable if model.base_url == provider.base_url],
        )
        for provider in selectors.providers()
    ]
    return {
        "providers": rows,
        "overridden": settings.LLM_BASE_URL,
        "discovered": usable[0] if usable and not rows and not settings.LLM_BASE_URL else None,
        "usable": [model.name for model in usable],
        "hosts": settings.LLM_ALLOWED_HOSTS,
        "strings": page_strings(),
    }


def _search_context() -> dict[str, Any]:
    found = entries()
    job = current_job()
    return {
        "embedders": [_row(entry) for entry in found if entry.kind == "embedder"],
        "rerankers": [_row(entry) for entry in found if entry.kind == "reranker"],
        "lexical": not any(entry.in_use for entry in found if entry.kind == "reranker"),
        "undo": {"embedder": can_undo("embedder"), "reranker": can_undo("reranker")},
        "job": job,
        "job_words": work_words(job) if job else "",
        "last": _outcome(last_job()) if job is None else None,
        "needs_chinese": needs_chinese_model(),
        "hub": urlsplit(settings.MODEL_HUB).hostname or "",
    }


def _row(entry: Entry) -> Row:
    known, files = entry.known, entry.files
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return Row(
        entry,
        _languages(known.languages) if known else "",
        " ".join(filter(None, (known.note[language], known.evaluation[language]))) if known else "",
        files.size // 1_000_000 if files else known.size_mb if known else None,
    )


def _languages(codes: tuple[str, ...]) -> str:
    words = {"*": _("many languages"), "zh": _("Chinese"), "en": _("English")}
    return _(", ").join(words.get(code, code) for code in codes)


def _outcome(job: Job | None) -> dict[str, Any] | None:
    """How the last work ended: failed with its reason, or with the figures of a comparison."""
    if job is None or job.state not in {Job.State.FAILED, Job.State.SUCCEEDED}:
        return None
    before, after = job.result.get("before"), job.result.get("after")
    if job.state == Job.State.SUCCEEDED and not (before and after):
        return None
    return {
        "words": work_words(job),
        "failed": job.state == Job.State.FAILED,
        "reason": (job.error or {}).get("message", ""),
        "before": before,
        "after": after,
        "worse": bool(before and after and after["mrr"] < before["mrr"] - 0.01),
        "at": job.updated_at,
    }
