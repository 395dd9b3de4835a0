"""A /rerank endpoint as Jina, vLLM, Cohere, Xinference and TEI offer it."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apps.rag.errors import RerankError

if TYPE_CHECKING:
    import httpx

MAX_DOCUMENTS = 100


class EndpointReranker:
    """Reranker over HTTP: POST {base_url}/rerank {model, query, documents}. Timeouts in seconds."""

    reads_meaning = True

    def __init__(
        self,
        base_url: str,
        *,
        model: str = "",
        api_key: str = "",
        timeout: float = 10.0,
        connect_timeout: float = 3.0,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(f"The base URL of the rerank endpoint starts with http(s)://, got {base_url!r}.")
        self.name = model or "rerank"
        self._url = base_url.rstrip("/").removesuffix("/rerank") + "/rerank"
        self._model = model
        self._api_key = api_key
        self._timeouts = (timeout, connect_timeout)
        self._opened: httpx.Client | None = None
        self._guard = threading.Lock()

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Relevances in 0–1 in the order of the texts; raw logits are squeezed. Raises RerankError."""
        if not texts:
            return []
        if len(texts) > MAX_DOCUMENTS:
            raise ValueError(f"At most {MAX_DOCUMENTS} texts a call, got {len(texts)}.")
        body: dict[str, Any] = {"query": query, "documents": list(texts), "top_n": len(texts)}
        if self._model:
            body["model"] = self._model
        scores = _placed(self._post(body), count=len(texts))
        if all(0.0 <= score <= 1.0 for score in scores):
            return scores
        return [_squeeze(score) for score in scores]

    def close(self) -> None:
        with self._guard:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _client(self) -> httpx.Client:
        import httpx

        with self._guard:
            if self._opened is None:
                total, connect = self._timeouts
                headers = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}
                self._opened = httpx.Client(
                    timeout=httpx.Timeout(total, connect=connect), headers=headers, follow_redirects=False
                )
            return self._opened

    def _post(self, body: dict[str, Any]) -> Any:
        import httpx

        try:
            answer = self._client().post(self._url, json=body)
            answer.raise_for_status()
            return answer.json()
        except httpx.TimeoutException as error:
            raise RerankError("The rerank endpoint did not answer in time.") from error
        except httpx.HTTPStatusError as error:
            raise RerankError(f"The rerank endpoint answered {error.response.status_code}.") from error
        except (httpx.HTTPError, ValueError) as error:
            raise RerankError(f"The rerank endpoint failed: {error}") from error


def _placed(answer: Any, *, count: int) -> list[float]:
    """Scores by `index`; TEI answers a bare list with `score`, the others {"results": [...]}."""
    rows: Any = answer.get("results") if isinstance(answer, dict) else answer
    try:
        scores = {
            int(row["index"]): float(row["relevance_score"] if "relevance_score" in row else row["score"])
            for row in rows
        }
    except (KeyError, TypeError, ValueError) as error:
        raise RerankError(f"The rerank endpoint gave no scores: {error!r}", retryable=False) from error
    if sorted(scores) != list(range(count)):
        raise RerankError(f"The rerank endpoint scored {len(scores)} of {count} texts.", retryable=False)
    if not all(map(math.isfinite, scores.values())):
        raise RerankError("The rerank endpoint gave a score that is not a number.", retryable=False)
    return [scores[index] for index in range(count)]


def _squeeze(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))
