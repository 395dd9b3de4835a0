"""Tiny real models in the layout of sentence-transformers. `files_only` is for tests that never load them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    *"年假休几天出差住宿标准签字报销",
]
DIMENSION, INNER, POSITIONS = 16, 32, 128


def files_only(folder: Path, *, kind: str = "embedder", dimension: int = DIMENSION) -> Path:
    """Everything but sense: the weights are zeros."""
    import numpy as np
    from safetensors.numpy import save_file

    folder.mkdir(parents=True)
    config = {"hidden_size": dimension, "architectures": ["BertModel"], "model_type": "bert"}
    if kind == "reranker":
        config["architectures"] = ["BertForSequenceClassification"]
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    (folder / "README.md").write_text("---\nlanguage: zh\n---\n")
    save_file({"weight": np.zeros((64, 1024), dtype=np.float32)}, folder / "model.safetensors")
    if kind == "embedder":
        _modules(folder)
    return folder


def _modules(folder: Path) -> None:
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": DIMENSION, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))


def build(folder: Path, *, kind: str = "embedder") -> Path:
    """A model that really runs, with weights by chance: a layer of BERT, written without torch."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True)
    reranker = kind == "reranker"
    config = {
        "architectures": ["BertForSequenceClassification" if reranker else "BertModel"],
        "model_type": "bert",
        "vocab_size": len(WORDS),
        "hidden_size": DIMENSION,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": INNER,
        "max_position_embeddings": POSITIONS,
        "pad_token_id": 0,
        **({"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}} if reranker else {}),
    }
    (folder / "config.json").write_text(json.dumps(config))
    save_file(_weights(reranker=reranker), folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(folder)
    if not reranker:
        _modules(folder)
    return folder


def _weights(*, reranker: bool) -> dict[str, Any]:
    import numpy as np

    chance = np.random.default_rng(7)
    shapes = _shapes()
    if reranker:
        shapes = {f"bert.{name}": shape for name, shape in shapes.items()}
        shapes |= {"classifier.weight": (1, DIMENSION), "classifier.bias": (1,)}
    made = {}
    for name, shape in shapes.items():
        if name.endswith("bias"):
            made[name] = np.zeros(shape, np.float32)
        elif "LayerNorm" in name:
            made[name] = np.ones(shape, np.float32)
        else:
            made[name] = chance.normal(0, 0.02, shape).astype(np.float32)
    return made


def _shapes() -> dict[str, tuple[int, ...]]:
    """Of each weight of a BertModel of one layer."""
    layer = "encoder.layer.0"
    dense = {
        **{f"{layer}.attention.self.{name}": (DIMENSION, DIMENSION) for name in ("query", "key", "value")},
        f"{layer}.attention.output.dense": (DIMENSION, DIMENSION),
        f"{layer}.intermediate.dense": (INNER, DIMENSION),
        f"{layer}.output.dense": (DIMENSION, INNER),
        "pooler.dense": (DIMENSION, DIMENSION),
    }
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), DIMENSION),
        "embeddings.position_embeddings.weight": (POSITIONS, DIMENSION),
        "embeddings.token_type_embeddings.weight": (2, DIMENSION),
    }
    for name, (outer, inner) in dense.items():
        shapes |= {f"{name}.weight": (outer, inner), f"{name}.bias": (outer,)}
    for name in ("embeddings", f"{layer}.attention.output", f"{layer}.output"):
        shapes |= {f"{name}.LayerNorm.weight": (DIMENSION,), f"{name}.LayerNorm.bias": (DIMENSION,)}
    return shapes


def _tokenizer(folder: Path) -> None:
    from tokenizers.implementations import BertWordPieceTokenizer

    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    places = {word: number for number, word in enumerate(WORDS)}
    BertWordPieceTokenizer(vocab=places).save(str(folder / "tokenizer.json"))
    said = {"tokenizer_class": "BertTokenizer", "model_max_length": POSITIONS}
    (folder / "tokenizer_config.json").write_text(json.dumps(said))
