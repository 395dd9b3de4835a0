"""What may be in a model folder, and whether one can be used: safetensors and texts, never pickles or code."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from apps.rag.errors import EmbedError
from apps.rag.models.catalogue import Kind
from apps.rag.models.errors import ModelFileError

MAX_FILES = 200
MAX_TEXT = 64 * 1024 * 1024  # bytes of a tokenizer or a configuration
MAX_DEPTH = 3
MANIFEST = "askive-model.json"
PICKLED = "pytorch_model.bin"

_TEXTS = {".json", ".txt", ".model", ".md", ".jinja", ".tiktoken", ".bpe", ""}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}\Z")
_PART = re.compile(r"[A-Za-z0-9._][A-Za-z0-9 ._+-]{0,127}\Z")
# Copies of the weights for other runtimes.
_OTHER_RUNTIMES = {"onnx", "openvino", "coreml", "gguf", "imgs", "assets", "images", "original"}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a folder holds. `dimension` is None for a reranker; `files` are those that are needed."""

    kind: Kind
    dimension: int | None
    files: tuple[str, ...]
    size: int


def checked_name(name: str) -> str:
    """A folder name of one plain part. Raises ModelFileError."""
    if not _NAME.match(name) or ".." in name:
        raise ModelFileError(f"{name[:100]!r} cannot be a model's name: letters, digits, . _ - only.")
    return name


def checked_path(path: str) -> PurePosixPath:
    """A relative path that stays in its folder. Raises ModelFileError: such a name is never a mistake."""
    parts = path.split("/")
    plain = len(parts) <= MAX_DEPTH and all(_PART.match(part) and part.strip(". ") for part in parts)
    if not plain:
        raise ModelFileError(
            f"The file name {path[:200]!r} is not one that is accepted.", code="hub_bad_name"
        )
    return PurePosixPath(path)


def is_wanted(path: str) -> bool:
    """Whether a file of this name is of use: weights as safetensors, configurations, tokenizers, the card."""
    pure = PurePosixPath(path)
    if pure.name.startswith(".") or any(part.lower() in _OTHER_RUNTIMES for part in pure.parts[:-1]):
        return False
    if pure.suffix == ".safetensors":
        return True
    return pure.suffix in _TEXTS and (bool(pure.suffix) or pure.name == "LICENSE")


def inspect(folder: Path) -> Inspection:
    """Check a folder before it is installed. Raises ModelFileError: model_unsafe where the weights are only
    there as pickles or where code of the model's own would have to run, model_unusable otherwise."""
    if not folder.is_dir():
        raise ModelFileError(f"{folder} is not a folder.", code="model_absent")
    files = _wanted_files(folder)
    config = _object(folder / "config.json")
    if not config:
        raise ModelFileError("There is no config.json: this is not a model folder.")
    if config.get("auto_map") or _foreign_modules(folder):
        raise ModelFileError(
            "The model needs code of its own to run, which is never executed here.", code="model_unsafe"
        )
    _check_weights(folder, files)
    if not any(
        (folder / name).is_file()
        for name in ("tokenizer.json", "vocab.txt", "sentencepiece.bpe.model", "tokenizer.model")
    ):
        raise ModelFileError("There is no tokenizer in the folder.")
    kind, dimension = _kind_of(folder, config)
    return Inspection(kind, dimension, files, sum((folder / path).stat().st_size for path in files))


def _wanted_files(folder: Path) -> tuple[str, ...]:
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and not _stays(path, folder):
            raise ModelFileError(f"{path.name} is a link that leads out of the folder.", code="model_unsafe")
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST and len(name.split("/")) <= MAX_DEPTH and is_wanted(name):
            checked_path(name)
            if path.suffix != ".safetensors" and path.stat().st_size > MAX_TEXT:
                raise ModelFileError(f"{name} is too large for what it is.")
            found.append(name)
        if len(found) > MAX_FILES:
            raise ModelFileError(f"There are more than {MAX_FILES} files in the folder.")
    return tuple(found)


def _stays(link: Path, folder: Path) -> bool:
    """Links within the folder, and those of a hub cache (snapshots/COMMIT/file → blobs/HASH)."""
    target = link.resolve()
    blobs = folder.resolve().parent.parent / "blobs"
    return target.is_file() and (target.is_relative_to(folder.resolve()) or target.parent == blobs)


def _check_weights(folder: Path, files: tuple[str, ...]) -> None:
    weights = [path for path in files if path.endswith(".safetensors")]
    if not any("/" not in path for path in weights):
        pickled = any(path.suffix in {".bin", ".pt", ".pth", ".pkl", ".ckpt"} for path in folder.iterdir())
        if pickled:
            raise ModelFileError(
                "The weights are there only as pickle files, which can carry code; safetensors are needed.",
                code="model_unsafe",
            )
        raise ModelFileError("There are no weights (*.safetensors) in the folder.")
    from safetensors import SafetensorError, safe_open

    for path in weights:
        try:
            with safe_open(folder / path, framework="numpy") as opened:  # type: ignore[no-untyped-call]
                opened.keys()
        except (SafetensorError, OSError) as error:
            raise ModelFileError(f"{path} is damaged: {error}") from error
    index = _object(folder / "model.safetensors.index.json")
    missing = {str(name) for name in (index.get("weight_map") or {}).values()} - set(weights)
    if missing:
        raise ModelFileError(f"Parts of the weights are missing: {', '.join(sorted(missing))[:200]}.")


def _kind_of(folder: Path, config: dict[str, Any]) -> tuple[Kind, int | None]:
    architectures = " ".join(map(str, config.get("architectures") or ()))
    if "ForSequenceClassification" in architectures:
        return "reranker", None
    if not (folder / "modules.json").is_file():
        raise ModelFileError("There is no modules.json: this is not a sentence-transformers folder.")
    from apps.rag.embedders.models import describe

    try:
        return "embedder", describe(str(folder)).dimension
    except EmbedError as error:
        raise ModelFileError(error.detail) from error


def _foreign_modules(folder: Path) -> bool:
    """Modules by a dotted path outside sentence-transformers are code that the folder would bring."""
    path = folder / "modules.json"
    if not path.is_file():
        return False
    listed = _json(path)
    if not isinstance(listed, list):
        raise ModelFileError("modules.json is not a list.")
    kinds = [str(module.get("type", "")) for module in listed if isinstance(module, dict)]
    return any(not kind.startswith("sentence_transformers.") for kind in kinds)


def _object(path: Path) -> dict[str, Any]:
    loaded = _json(path) if path.is_file() else {}
    return loaded if isinstance(loaded, dict) else {}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ModelFileError(f"{path.name} cannot be read: {error}") from error
