"""Tiny real models in the layout of sentence-transformers: `python -m tests.fakes.tiny_model FOLDER [reranker]`.

`files_only` writes the same files without torch, for tests that never load them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    *"年假休几天出差住宿标准签字报销",
]
DIMENSION = 16
ROOT = Path(__file__).resolve().parents[2]


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
    """A model that really runs, made in a process of its own: this one stays without torch."""
    command = [sys.executable, "-m", "tests.fakes.tiny_model", str(folder), kind]
    subprocess.run(command, cwd=ROOT, check=True, timeout=180, capture_output=True)
    return folder


def main(target: str, kind: str) -> None:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    torch.manual_seed(7)
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=DIMENSION,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=128,
        num_labels=1,
    )
    model = BertForSequenceClassification(config) if kind == "reranker" else BertModel(config)
    model.save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    if kind == "embedder":
        _modules(folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "embedder")
