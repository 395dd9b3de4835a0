"""Which chat models can be used now: the endpoint of the environment, else the providers that administrators
entered, else what answers at the usual local ports of Ollama and vLLM.

Asking an endpoint for its list never delays an answer: a list older than 30 s is used once more
while a thread fetches the next.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic

from django.conf import settings
from django.db import connection

from apps.assistants import selectors
from apps.core.database import release_connection
from apps.core.problems import invalid

logger = logging.getLogger(__name__)
FRESH_SECONDS = 30.0
PROBE_SECONDS = 2.0
MAX_MODELS = 100
NOT_FOR_CHAT = ("embed", "bge-", "rerank", "minilm", "whisper")


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model at an endpoint. `name` is what the endpoint calls it. `pinned`: entered on a page, so that the
    host's address is looked up once and judged (apps/net/outbound.py)."""

    base_url: str
    name: str
    api_key: str = field(default="", repr=False)
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    models: tuple[ChatModel, ...]
    at: float


class Catalogue:
    """The last answer of the endpoints, refreshed in the background. The first is waited for."""

    def __init__(self) -> None:
        self._listing: Listing | None = None
        self._lock = threading.Lock()

    def models(self) -> tuple[ChatModel, ...]:
        listing = self._listing
        if listing is None:
            return self.refresh()
        if monotonic() - listing.at > FRESH_SECONDS and self._lock.acquire(blocking=False):
            threading.Thread(target=self._refresh_and_release, daemon=True, name="models").start()
        return listing.models

    def refresh(self) -> tuple[ChatModel, ...]:
        known = self._listing.models if self._listing else ()
        self._listing = Listing(_ask_endpoints(known), monotonic())
        return self._listing.models

    def forget(self) -> None:
        self._listing = None

    def _refresh_and_release(self) -> None:
        try:
            self.refresh()
        finally:
            connection.close()  # this thread ends here
            self._lock.release()


catalogue = Catalogue()


def chat_models() -> tuple[ChatModel, ...]:
    """Usable chat models, the default first; empty when no endpoint is there."""
    return catalogue.models()


def chat_model(name: str = "") -> ChatModel | None:
    """The named model, or the default. None when there is no model at all. Raises Problem for a
    name that no endpoint has."""
    models = chat_models()
    if not name:
        return models[0] if models else None
    for model in models:
        if model.name == name:
            return model
    raise invalid(
        "model", f"{name[:100]!r} is not among: {', '.join(model.name for model in models[:20]) or '-'}"
    )


def _ask_endpoints(known: tuple[ChatModel, ...]) -> tuple[ChatModel, ...]:
    if settings.LLM_BASE_URL:
        return _configured(known)
    if entered := provider_models(known):
        return entered
    for base_url in settings.LLM_DISCOVERY:
        if names := _names(base_url, ""):
            return tuple(ChatModel(base_url.rstrip("/"), name) for name in names)
    return ()


def _configured(known: tuple[ChatModel, ...]) -> tuple[ChatModel, ...]:
    """An endpoint that is down keeps its configured model, and those it had: the user is told that it
    is down, rather than given another kind of answer without a word."""
    base_url, key, wanted = settings.LLM_BASE_URL.rstrip("/"), settings.LLM_API_KEY, settings.LLM_MODEL
    names = _names(base_url, key)
    if names is None:
        names = [model.name for model in known if model.base_url == base_url]
    if wanted:
        names = [wanted, *(name for name in names if name != wanted)]
    return tuple(ChatModel(base_url, name, key) for name in names)


def _names(base_url: str, api_key: str) -> list[str] | None:
    import httpx

    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        answer = httpx.get(
            f"{base_url.rstrip('/')}/models", headers=headers, timeout=PROBE_SECONDS, follow_redirects=False
        )
        answer.raise_for_status()
        names = [str(entry["id"]) for entry in answer.json()["data"][:MAX_MODELS]]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        logger.debug("no model list at %s: %s", base_url, error)
        return None
    return for_chat(names)


def for_chat(names: list[str]) -> list[str]:
    return [name for name in names if not any(mark in name.lower() for mark in NOT_FOR_CHAT)]


def provider_models(known: tuple[ChatModel, ...]) -> tuple[ChatModel, ...]:
    """The models of the stored providers, the default one's first. One that is down keeps what it had."""
    from apps.assistants.endpoints import list_models

    endpoints = selectors.usable_endpoints()
    release_connection()
    found: list[ChatModel] = []
    for endpoint, listed in zip(endpoints, list_models(endpoints), strict=True):
        url = endpoint.base_url
        names = (
            [model.name for model in known if model.base_url == url]
            if listed.error
            else for_chat(listed.models)
        )
        if endpoint.model:
            names = [endpoint.model, *(name for name in names if name != endpoint.model)]
        found += [ChatModel(url, name, endpoint.api_key, pinned=True) for name in names[:MAX_MODELS]]
    return tuple(found)


@lru_cache(maxsize=16)
def _client(base_url: str, api_key: str, pinned: bool = False):
    from apps.rag.llm import OpenAIChat

    return OpenAIChat(base_url, api_key, pinned=pinned, **settings.LLM_TIMEOUTS)


def client_for(model: ChatModel):
    """The rag client of a model's endpoint."""
    return _client(model.base_url, model.api_key, model.pinned)
