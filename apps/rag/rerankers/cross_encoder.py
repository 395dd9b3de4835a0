"""A sentence-transformers CrossEncoder (bge-reranker, ms-marco-MiniLM …) in a child process."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from apps.rag.embedders.children import (
    TORCH,
    ChildFailed,
    ChildGone,
    ChildPool,
    ChildSpec,
    ChildTimeout,
    Priority,
)
from apps.rag.embedders.local import QUIET_ENVIRONMENT, Dtype, torch_dtype
from apps.rag.embedders.models import find_folder
from apps.rag.errors import EmbedError, RerankError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

BATCH = 8  # pairs a forward pass; predict() sorts them by length, so that a batch is padded little
MAX_TEXTS = 100
IDLE_SECONDS = 300.0

Backend = Literal["torch", "onnx"]


class LocalCrossEncoder:
    """Reranker with the model in this process; the child builds it."""

    def __init__(
        self,
        model: str,
        *,
        device: str | None = None,
        dtype: Dtype = "auto",
        max_tokens: int = 512,
        backend: Backend = "torch",
        file_name: str = "",
    ) -> None:
        self.name = model
        self._folder = find_folder(model)
        self._device = device
        self._dtype = dtype
        self._max_tokens = max_tokens
        self._backend: Backend = backend
        self._file_name = file_name
        self._model: CrossEncoder | None = None
        self._turn = threading.Lock()

    def load(self) -> None:
        with self._turn:
            self._loaded()

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        import torch

        with self._turn:
            scores = self._loaded().predict(
                [(query, text) for text in texts],
                batch_size=BATCH,
                activation_fn=torch.nn.Sigmoid(),
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return [float(score) for score in scores]

    def _loaded(self) -> CrossEncoder:
        if self._model is None:
            for name, value in QUIET_ENVIRONMENT.items():
                os.environ.setdefault(name, value)
            import torch
            from sentence_transformers import CrossEncoder

            torch.set_num_threads(1)
            device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
            if self._backend == "onnx":
                options: dict[str, Any] = {"file_name": self._file_name} if self._file_name else {}
            else:
                options = {"dtype": torch_dtype(self._dtype, device=device)}
            self._model = CrossEncoder(
                str(self._folder),
                device=device,
                max_length=self._max_tokens,
                num_labels=1,
                local_files_only=True,
                backend=self._backend,
                model_kwargs=options,
            )
        return self._model


class CrossEncoderReranker:
    """Reranker over LocalCrossEncoder in a child process. Timeout in seconds, without the loading.
    With priority "background" it gives way to searches and gives its memory back when nothing is asked.

    `backend` onnx runs an exported model, `file_name` one of several in its folder (an int8 one); it needs the
    package optimum-onnx."""

    reads_meaning = True

    def __init__(
        self,
        model: str,
        *,
        device: str | None = None,
        dtype: Dtype = "auto",
        max_tokens: int = 512,
        backend: Backend = "torch",
        file_name: str = "",
        processes: int = 1,
        timeout: float = 20.0,
        priority: Priority = "interactive",
    ) -> None:
        try:
            find_folder(model)
        except EmbedError as error:
            raise RerankError(error.detail, retryable=False) from error
        if backend == "onnx" and find_spec("optimum") is None:
            raise RerankError(
                "The onnx backend needs the package optimum-onnx, which is absent.", retryable=False
            )
        self.name = model.rstrip("/").rpartition("/")[2]
        idle_seconds = IDLE_SECONDS if priority == "background" else None
        options = {
            "model": model,
            "device": device,
            "dtype": dtype,
            "max_tokens": max_tokens,
            "backend": backend,
            "file_name": file_name,
        }
        factory = "apps.rag.rerankers.cross_encoder:LocalCrossEncoder"
        spec = ChildSpec(factory, options, priority, idle_seconds, preload=TORCH)
        self._pool = ChildPool(spec, processes=processes)
        self._timeout = timeout

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Relevances in 0–1 in order. Raises RerankError."""
        if not texts:
            return []
        if len(texts) > MAX_TEXTS:
            raise ValueError(f"At most {MAX_TEXTS} texts a call, got {len(texts)}.")
        try:
            return self._pool.ask("rerank", {"query": query, "texts": list(texts)}, timeout=self._timeout)[0]
        except (ChildFailed, ChildGone, ChildTimeout) as error:
            raise RerankError(f"The cross-encoder failed: {error}") from error

    def warm(self) -> None:
        """Load the model now. Raises RerankError."""
        try:
            self._pool.warm()
        except (ChildFailed, ChildGone, ChildTimeout) as error:
            raise RerankError(f"The cross-encoder failed: {error}") from error

    def close(self) -> None:
        self._pool.close()
