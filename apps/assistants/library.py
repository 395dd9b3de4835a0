"""Embedders and rerankers: the catalogue beside what is on this machine and what is in use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache

from apps.cabinets.models import Chunk, SearchIndex
from apps.cabinets.serving import chosen_reranker, wanted_embedder
from apps.rag import components
from apps.rag.models.catalogue import PACKAGED, Kind, KnownModel, catalogue
from apps.rag.models.errors import ModelFileError
from apps.rag.models.library import Installed, installed

EMBEDDER = "apps.rag.embedders.process.ProcessEmbedder"
RERANKER = "apps.rag.rerankers.cross_encoder.CrossEncoderReranker"
RECOMMENDED = {"embedder": "bge-small-zh-v1.5", "reranker": "bge-reranker-base"}
HINT_SECONDS = 300
State = SearchIndex.State


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the catalogue, of this machine, or both. `served` is what a service elsewhere gives."""

    name: str
    kind: Kind
    known: KnownModel | None = None
    files: Installed | None = None
    in_use: bool = False
    served: bool = False

    @property
    def is_here(self) -> bool:
        return self.files is not None or self.name == PACKAGED

    @property
    def can_be_pulled(self) -> bool:
        return not self.is_here and self.known is not None and self.known.runs_here and bool(self.known.repo)

    @property
    def is_recommended(self) -> bool:
        return self.name in RECOMMENDED.values()


def entries() -> list[Entry]:
    """The catalogue in its order, then what was carried in, then what a service gives."""
    here = {model.name: model for model in installed(Path(settings.MODELS_DIR))}
    used = {"embedder": model_of(embedder_in_use()), "reranker": model_of(reranker_in_use())}
    found = [
        Entry(known.name, known.kind, known, here.pop(known.name, None), used[known.kind] == known.name)
        for known in catalogue()
    ]
    for model in here.values():
        kind: Kind = "reranker" if model.kind == "reranker" else "embedder"
        found.append(Entry(model.name, kind, None, model, used[kind] == model.name))
    names = {(entry.kind, entry.name) for entry in found}
    kinds: tuple[Kind, ...] = ("embedder", "reranker")
    found += [
        Entry(used[kind], kind, in_use=True, served=True)
        for kind in kinds
        if used[kind] and (kind, used[kind]) not in names
    ]
    return found


def entry_of(name: str) -> Entry:
    """By name or by name on the hub. Raises ModelFileError model_absent."""
    wanted = name.casefold()
    for entry in entries():
        if wanted in (entry.name.casefold(), entry.known.repo.casefold() if entry.known else ""):
            return entry
    raise ModelFileError(
        f"There is no model {name[:100]!r}: `manage.py models` lists them.", code="model_absent"
    )


def spec_of(entry: Entry) -> dict[str, Any]:
    """What settings.RAG would name. Raises ModelFileError for a model that is not here."""
    if not entry.is_here:
        raise ModelFileError(f"{entry.name} is not on this machine yet.", code="model_absent")
    return {"BACKEND": RERANKER if entry.kind == "reranker" else EMBEDDER, "OPTIONS": {"model": entry.name}}


def embedder_in_use() -> dict[str, Any]:
    row = SearchIndex.objects.filter(state=State.SERVING).values_list("embedder", flat=True).first()
    return row or wanted_embedder()


def reranker_in_use() -> dict[str, Any]:
    return chosen_reranker() or components.configured("RERANKER")


def model_of(spec: dict[str, Any]) -> str:
    """The name of the model in a spec; empty for what has none (the lexical reranker)."""
    return str(spec["OPTIONS"].get("model", "")).rstrip("/").rpartition("/")[2]


def needs_chinese_model() -> bool:
    """Whether there are Chinese documents that the embedder in use cannot read. Known for five minutes."""
    known = cache.get("needs-chinese-model")
    if known is None:
        packaged = model_of(embedder_in_use()) == PACKAGED
        known = packaged and Chunk.objects.filter(language="zh", enabled=True).exists()
        cache.set("needs-chinese-model", known, HINT_SECONDS)
    return bool(known)
