"""An OpenAI-compatible /v1/embeddings endpoint (vLLM, TEI, Ollama, Xinference, OpenAI)."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from apps.rag.errors import EmbedError

if TYPE_CHECKING:
    from openai import OpenAI

BATCH = 64  # texts a request
CACHED_QUERIES = 1024
_PROBE = "dimension"


class EndpointEmbedder:
    """Embedder over HTTP. `dimension`, unless given, is asked of the endpoint when it is first needed.

    `query_prefix` and `document_prefix` go before texts where the model wants an instruction.
    Timeouts in seconds; one retry for what may pass. Thread-safe."""

    def __init__(
        self,
        base_url: str,
        *,
        model: str,
        api_key: str = "",
        languages: Iterable[str] = ("*",),
        dimension: int | None = None,
        query_prefix: str = "",
        document_prefix: str = "",
        query_timeout: float = 10.0,
        batch_timeout: float = 120.0,
        connect_timeout: float = 5.0,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(
                f"The base URL of the embedding endpoint starts with http(s)://, got {base_url!r}."
            )
        if not model:
            raise ValueError("The embedding endpoint needs a model name.")
        self.name = model
        self.languages = frozenset(languages)
        self._base_url = base_url
        self._api_key = api_key
        self._known_dimension = dimension
        self._prefixes = (query_prefix, document_prefix)
        self._timeouts = (query_timeout, batch_timeout, connect_timeout)
        self._opened: OpenAI | None = None
        self._guard = threading.Lock()
        self._cache: OrderedDict[str, list[float]] = OrderedDict()

    @property
    def dimension(self) -> int:
        """Numbers a vector. Raises EmbedError where the endpoint must be asked and does not answer."""
        if self._known_dimension is None:
            self._request([_PROBE], timeout=self._timeouts[0])
        if self._known_dimension is None:
            raise EmbedError("The embedding endpoint gave no vector.")
        return self._known_dimension

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        prefixed = [self._prefixes[1] + text for text in texts]
        vectors: list[list[float]] = []
        for start in range(0, len(prefixed), BATCH):
            vectors += self._request(prefixed[start : start + BATCH], timeout=self._timeouts[1])
        return vectors

    def embed_query(self, text: str) -> list[float]:
        with self._guard:
            known = self._cache.get(text)
            if known is not None:
                self._cache.move_to_end(text)
                return list(known)
        vector = self._request([self._prefixes[0] + text], timeout=self._timeouts[0])[0]
        with self._guard:
            self._cache[text] = vector
            while len(self._cache) > CACHED_QUERIES:
                self._cache.popitem(last=False)
        return list(vector)

    def close(self) -> None:
        with self._guard:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _client(self) -> OpenAI:
        from openai import OpenAI, Timeout

        with self._guard:
            if self._opened is None:
                _, batch, connect = self._timeouts
                self._opened = OpenAI(
                    base_url=self._base_url,
                    api_key=self._api_key or "none",  # the client insists on one; local servers ignore it
                    timeout=Timeout(batch, connect=connect),
                    max_retries=1,
                )
            return self._opened

    def _request(self, texts: list[str], *, timeout: float) -> list[list[float]]:
        import openai

        try:
            answer = self._client().embeddings.create(
                model=self.name,
                input=texts,
                encoding_format="float",
                timeout=openai.Timeout(timeout, connect=self._timeouts[2]),
            )
        except openai.APITimeoutError as error:
            raise EmbedError(
                "The embedding endpoint did not answer in time.", code="embedder_timeout"
            ) from error
        except openai.APIStatusError as error:
            passing = error.status_code == 429 or error.status_code >= 500
            raise EmbedError(
                f"The embedding endpoint answered {error.status_code}: {error.message}", retryable=passing
            ) from error
        except (
            openai.OpenAIError,
            ValueError,
        ) as error:  # ValueError: broken JSON, and no data in the answer
            raise EmbedError(f"The embedding endpoint failed: {error}") from error
        return self._checked(answer, count=len(texts))

    def _checked(self, answer: Any, *, count: int) -> list[list[float]]:
        """Vectors in the order of the texts, all of one dimension, at length 1."""
        try:
            placed = {item.index: [float(x) for x in item.embedding] for item in answer.data}
        except (AttributeError, TypeError, ValueError) as error:
            raise EmbedError(f"The embedding endpoint gave no embeddings: {error}") from error
        if sorted(placed) != list(range(count)):
            raise EmbedError(f"The embedding endpoint gave {len(placed)} vectors for {count} texts.")
        vectors = [_unit(placed[index]) for index in range(count)]
        expected = self._known_dimension or len(vectors[0])
        if any(len(vector) != expected for vector in vectors):
            raise EmbedError(
                f"The embedding endpoint gave {len(vectors[0])} numbers a vector, expected {expected}.",
                code="embedder_mismatch",
                retryable=False,
            )
        self._known_dimension = expected
        return vectors


def _unit(vector: list[float]) -> list[float]:
    length = math.sqrt(sum(x * x for x in vector))
    if not math.isfinite(length) or not length:
        raise EmbedError("The embedding endpoint gave a vector without a length.", retryable=False)
    return [x / length for x in vector]
