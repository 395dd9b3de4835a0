"""A small real embedder in the product's own child processes, which waits in the middle of a batch to be killed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path

from apps.rag.embedders.children import ChildPool, ChildSpec
from apps.rag.embedders.process import ask
from tests.fakes.embedder import HashEmbedder

_WAITS = re.compile(r"waits (\d) times as (\w+)")


class Patient(HashEmbedder):
    """Built in the child. At a text "waits N times as NAME" it leaves its pid in DATA_DIR/NAME-1 and waits; the child
    after it does the same, until there are N."""

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        for text in texts:
            if found := _WAITS.search(text):
                self._wait(int(found[1]), found[2])
        return super().embed_documents(texts)

    def _wait(self, times: int, name: str) -> None:
        for number in range(1, times + 1):
            mark = Path(os.environ["DATA_DIR"]) / f"{name}-{number}"
            if not mark.exists():
                partial = mark.with_suffix(".part")
                partial.write_text(str(os.getpid()))
                partial.rename(mark)
                time.sleep(120)


class ChildEmbedder:
    """Embedder. One child."""

    name, dimension, languages = HashEmbedder.name, HashEmbedder.dimension, HashEmbedder.languages

    def __init__(self) -> None:
        self._pool = ChildPool(ChildSpec("tests.faults.embedders:Patient", priority="background"))

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        return ask(self._pool, "embed_documents", {"texts": list(texts)}, timeout=60)

    def embed_query(self, text: str) -> list[float]:
        return HashEmbedder().embed_query(text)

    def close(self) -> None:
        self._pool.close()
