"""Faults of the pipeline, each with a code that the application turns into a sentence."""

from __future__ import annotations


class RagError(Exception):
    """A fault with a stable `code`; `retryable` says whether the same call may succeed later."""

    code = "internal"
    retryable = False

    def __init__(self, detail: str = "", *, code: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        if code is not None:
            self.code = code
        if retryable is not None:
            self.retryable = retryable


class ParseError(RagError):
    """The file cannot be read. Codes: empty, corrupt, password, unsupported, too_large, zip_bomb,
    timeout, memory, no_text, encoding, crashed, disk_full, needs_libreoffice. Inside rag only: needs_ocr and
    needs_conversion, which sandbox.ParserPool acts on."""

    code = "corrupt"


class EmbedError(RagError):
    """The embedder failed. Codes: embedder_unavailable, embedder_timeout, embedder_mismatch,
    embedder_starting (queries only)."""

    code = "embedder_unavailable"
    retryable = True


class StoreError(RagError):
    """The vector store failed. Codes: store_unavailable, store_timeout, store_incomplete, store_mismatch."""

    code = "store_unavailable"
    retryable = True


class RerankError(RagError):
    code = "reranker_unavailable"
    retryable = True


class ModelError(RagError):
    """The chat model failed; see MODEL_ERROR_CODES."""

    code = "model_unavailable"
    retryable = True


MODEL_ERROR_CODES = (
    "model_unavailable",  # refused, no route, 5xx
    "model_timeout",  # no first token, or idle for too long, or over the total
    "model_interrupted",  # the stream ended without a finish_reason
    "model_bad_answer",  # not the protocol: HTML, broken JSON
    "model_empty",  # finished without a word
    "model_auth",  # 401, 403
    "model_not_found",  # 404
    "model_busy",  # 429
    "model_context",  # the prompt is too long
)
