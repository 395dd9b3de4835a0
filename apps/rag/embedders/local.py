"""A sentence-transformers model in this process. Servers use it through process.ProcessEmbedder."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from apps.rag.embedders.models import describe
from apps.rag.errors import EmbedError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 8  # texts a forward pass: on one core larger batches only wait longer for their longest text

Dtype = Literal["auto", "float32", "bfloat16"]

# One thread: two on busy cores were ten times slower. No network: models are on the machine or absent.
QUIET_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


class LocalEmbedder:
    """Embedder over a folder, the packaged model's name, or a name in the local hub cache.

    Facts are known at once; torch is imported and weights are loaded by the first call. Thread-safe:
    calls take turns."""

    def __init__(
        self,
        model: str,
        *,
        device: str | None = None,
        dtype: Dtype = "auto",
        max_tokens: int | None = None,
        languages: Iterable[str] | None = None,
    ) -> None:
        self._facts = describe(model, languages=frozenset(languages) if languages else None)
        self.name = self._facts.name
        self.dimension = self._facts.dimension
        self.languages = self._facts.languages
        self._device = device
        self._dtype = dtype
        self._max_tokens = max_tokens
        self._model: SentenceTransformer | None = None
        self._turn = threading.Lock()

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        return self._encode(list(texts), prefix=self._facts.document_prefix)

    def embed_query(self, text: str) -> list[float]:
        return self.embed_queries([text])[0]

    def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        """As embed_query, several at once."""
        return self._encode(list(texts), prefix=self._facts.query_prefix)

    def load(self) -> None:
        """Load the weights now. Raises EmbedError."""
        with self._turn:
            self._loaded()

    def _encode(self, texts: list[str], *, prefix: str) -> list[list[float]]:
        if not texts:
            return []
        with self._turn:
            model = self._loaded()
            try:
                # encode() sorts by length itself, so that a batch is padded little.
                vectors: Any = model.encode(
                    texts,
                    batch_size=BATCH,
                    prompt=prefix or None,
                    normalize_embeddings=True,
                    convert_to_numpy=True,
                    show_progress_bar=False,
                )
            except (RuntimeError, MemoryError, ValueError, IndexError) as error:
                raise EmbedError(f"The model {self.name} failed: {error}") from error
        if vectors.shape[1] != self.dimension:
            raise EmbedError(
                f"The model {self.name} gives {vectors.shape[1]} numbers, its files say {self.dimension}.",
                code="embedder_mismatch",
                retryable=False,
            )
        return unit_rows(vectors)

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            self._model = self._load()
        return self._model

    def _load(self) -> SentenceTransformer:
        for name, value in QUIET_ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        try:
            import torch
            from sentence_transformers import SentenceTransformer

            torch.set_num_threads(1)
            device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
            model = SentenceTransformer(
                str(self._facts.folder),
                device=device,
                local_files_only=True,
                model_kwargs={"dtype": torch_dtype(self._dtype, device=device)},
            )
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise EmbedError(f"The model {self.name} cannot be loaded: {error}", retryable=False) from error
        if self._max_tokens is not None:
            model.max_seq_length = min(self._max_tokens, model.max_seq_length or self._max_tokens)
        return model


def unit_rows(vectors: Any) -> list[list[float]]:
    """Rows of a matrix at length 1 in float32; bfloat16 leaves them half a per cent off."""
    import numpy as np

    rows = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise EmbedError("The model gave a vector without a length.", retryable=False)
    scaled: list[list[float]] = (rows / lengths).tolist()
    return scaled


def torch_dtype(dtype: Dtype, *, device: str) -> Any:
    """The torch dtype: bfloat16 where the hardware computes it (twice the speed, cosine ≥ 0.998)."""
    import torch

    if dtype == "auto":
        able = torch.cuda.is_bf16_supported() if device.startswith("cuda") else cpu_has_bfloat16()
        return torch.bfloat16 if able else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[dtype]


@lru_cache(maxsize=1)
def cpu_has_bfloat16() -> bool:
    """Without such instructions bfloat16 is emulated, slower than float32."""
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return False
    line = next((row for row in info.read_text().splitlines() if row.startswith(("flags", "Features"))), "")
    return bool({"amx_bf16", "avx512_bf16", "bf16"} & set(line.split()))
