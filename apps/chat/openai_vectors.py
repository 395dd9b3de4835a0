"""OpenAI-compatible /v1/embeddings and /v1/rerank (as Jina and vLLM have it), over the models in use.

They run in the background children: whoever sends thousands of texts never holds up somebody's search.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from threading import BoundedSemaphore
from typing import Any, Literal, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from apps.accounts.auth import require_scope
from apps.accounts.limits import require_tokens
from apps.accounts.models import ApiKey
from apps.assistants.usage import usage_add
from apps.core.database import release_connection
from apps.core.problems import Problem
from apps.rag import components
from apps.rag.prompts import estimate_tokens

router = Router(tags=["openai"])
T = TypeVar("T")
EMBEDDING, RERANK = "askive-embedding", "askive-rerank"  # whatever is in use, under a name that stays
MOST_TEXTS, MOST_DOCUMENTS = 256, 100
LONGEST_TEXT = 32_000  # characters; the model reads as far as its context goes
MOST_CHARACTERS = 1_000_000
LONGEST_QUERY = 2_000
AT_ONCE = 4
WAIT_SECONDS = 300
_workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="vectors")
_places = BoundedSemaphore(AT_ONCE)


class EmbeddingsIn(Schema):
    """`input_type` (or Jina's `task`) says what a text is for; a text is a document unless told otherwise."""

    model: str = Field(EMBEDDING, max_length=200)
    input: str | list[str] | list[int] | list[list[int]]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None
    input_type: str = Field("", max_length=40)
    task: str = Field("", max_length=40)

    @property
    def for_queries(self) -> bool:
        return "query" in self.input_type or self.task.endswith("query")


class RerankIn(Schema):
    model: str = Field(RERANK, max_length=200)
    query: str = Field(..., min_length=1, max_length=LONGEST_QUERY)
    documents: list[str | dict[str, Any]] = Field(..., min_length=1)
    top_n: int | None = Field(None, ge=1)
    return_documents: bool = False


@router.post("/embeddings", summary="Vectors of texts, by the embedding model in use")
def embeddings(request: HttpRequest, payload: EmbeddingsIn):
    user = require_scope(request, ApiKey.Scope.SEARCH)
    require_tokens(user)
    texts = _texts(payload.input)
    release_connection()
    embedder = components.embedder()
    _check_model(payload.model, EMBEDDING, embedder.name)
    if payload.dimensions not in (None, embedder.dimension):
        raise _refused(
            "dimensions", _("This model gives %(count)d numbers a text.") % {"count": embedder.dimension}
        )
    if payload.for_queries:
        vectors = _quietly(lambda: [embedder.embed_query(text) for text in texts])
    else:
        vectors = _quietly(lambda: embedder.embed_documents(texts))
    tokens = sum(map(estimate_tokens, texts))
    usage_add(user, kind="embedding", model=embedder.name, prompt_tokens=tokens)
    data = [
        {"object": "embedding", "index": index, "embedding": _encoded(vector, payload.encoding_format)}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": embedder.name, "usage": usage}


@router.post("/rerank", summary="Documents by their relevance to a query, by the reranker in use")
def rerank(request: HttpRequest, payload: RerankIn):
    user = require_scope(request, ApiKey.Scope.SEARCH)
    require_tokens(user)
    texts = [_text_of(document) for document in payload.documents]
    _check_bounds(texts, field="documents", most=MOST_DOCUMENTS)
    release_connection()
    reranker = components.quiet_reranker()
    _check_model(payload.model, RERANK, reranker.name)
    scores = _quietly(lambda: reranker.rerank(payload.query, texts))
    tokens = sum(map(estimate_tokens, texts)) + estimate_tokens(payload.query)
    usage_add(user, kind="rerank", model=reranker.name, prompt_tokens=tokens)
    order = sorted(range(len(texts)), key=lambda index: -scores[index])[: payload.top_n]
    results: list[dict[str, Any]] = [{"index": index, "relevance_score": scores[index]} for index in order]
    if payload.return_documents:
        results = [{**row, "document": {"text": texts[row["index"]]}} for row in results]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"id": "", "model": reranker.name, "results": results, "usage": usage}


def _quietly(work: Callable[[], T]) -> T:
    """A bounded number at once; who comes beyond that is asked to come again."""
    if not _places.acquire(timeout=5):
        raise Problem(
            429, _("Too many requests. Wait a moment, then try again."), code="rate_limit", retry_after=5
        )
    future = _workers.submit(work)
    future.add_done_callback(lambda _done: _places.release())
    try:
        return future.result(WAIT_SECONDS)
    except Late:
        raise Problem(
            503, _("The model is too busy. Try again later."), code="busy", retry_after=30
        ) from None


def _texts(given: str | list[Any]) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    if not texts:
        raise _refused("input", _("There is no text in it."))
    if not all(isinstance(text, str) for text in texts):
        raise _refused(
            "input",
            _("Send texts, not tokens (with LangChain: OpenAIEmbeddings(check_embedding_ctx_length=False))."),
        )
    _check_bounds(texts, field="input", most=MOST_TEXTS)
    return texts


def _check_bounds(texts: list[str], *, field: str, most: int) -> None:
    if len(texts) > most:
        raise _refused(field, _("At most %(most)d texts a request.") % {"most": most})
    if any(not text.strip() for text in texts):
        raise _refused(field, _("A text is empty."))
    if max(map(len, texts)) > LONGEST_TEXT or sum(map(len, texts)) > MOST_CHARACTERS:
        limits = {"one": LONGEST_TEXT, "all": MOST_CHARACTERS}
        raise _refused(field, _("A text can have at most %(one)d characters, all together %(all)d.") % limits)


def _text_of(document: str | dict[str, Any]) -> str:
    text = document if isinstance(document, str) else document.get("text")
    if not isinstance(text, str):
        raise _refused("documents", _("A document is a text or an object with a text."))
    return text


def _check_model(asked: str, ours: str, used: str) -> None:
    """The name in use or ours: another model's vectors would not fit what the caller keeps."""
    if asked.rpartition("/")[2].casefold() not in (ours, used.rpartition("/")[2].casefold()):
        names = {"asked": asked[:100], "ours": ours, "used": used}
        message = _("The model %(asked)s is not here; %(ours)s (now %(used)s) is.") % names
        raise Problem(404, message, code="model_not_found")


def _refused(field: str, message: str) -> Problem:
    return Problem(400, message, code="invalid_request_error", errors=[{"field": field, "message": message}])


def _encoded(vector: list[float], form: str) -> list[float] | str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() if form == "base64" else vector
