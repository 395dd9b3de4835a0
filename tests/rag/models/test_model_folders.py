"""Taking in a folder that was carried here: weights as safetensors, no pickle, no code, no way out of the folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apps.rag.models.catalogue import catalogue, known_model
from apps.rag.models.errors import ModelFileError
from apps.rag.models.library import add, damaged_files, installed, remove
from tests.fakes.tiny_model import DIMENSION, files_only


def take(source: Path, root: Path, name: str = "house"):
    return add(source, name=name, root=root, progress=lambda *step: None)


def refused(source: Path, root: Path, name: str = "house") -> str:
    with pytest.raises(ModelFileError) as fault:
        take(source, root, name)
    assert installed(root) == []
    assert not list((root / ".partial").glob("*")) if root.exists() else True
    return fault.value.code


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return files_only(tmp_path / "carried")


def test_a_folder_is_copied_without_what_is_not_needed(source, tmp_path):
    (source / "onnx").mkdir()
    (source / "onnx/model.onnx").write_bytes(b"x")
    (source / "train.py").write_text("print()")
    (source / "pytorch_model.bin").write_bytes(b"pickle")
    model = take(source, tmp_path / "models")
    names = {path.relative_to(model.folder).as_posix() for path in model.folder.rglob("*") if path.is_file()}
    assert names == {
        "1_Pooling/config.json", "README.md", "askive-model.json", "config.json", "model.safetensors", "modules.json", "vocab.txt",
    }  # fmt: skip
    assert (model.kind, model.dimension, damaged_files(model)) == ("embedder", DIMENSION, [])
    remove(model)
    assert installed(tmp_path / "models") == []


def test_a_reranker_is_told_from_an_embedder(tmp_path):
    model = take(files_only(tmp_path / "r", kind="reranker"), tmp_path / "models")
    assert (model.kind, model.dimension) == ("reranker", None)


def test_pickles_alone_are_refused(source, tmp_path):
    (source / "model.safetensors").rename(source / "pytorch_model.bin")
    assert refused(source, tmp_path / "models") == "model_unsafe"


def test_code_of_the_models_own_is_refused(source, tmp_path):
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "modeling.Own"}}))
    assert refused(source, tmp_path / "models") == "model_unsafe"
    (source / "config.json").write_text(json.dumps(config))
    (source / "modules.json").write_text(json.dumps([{"path": "", "type": "custom_st.Transformer"}]))
    assert refused(source, tmp_path / "models") == "model_unsafe"


@pytest.mark.parametrize("missing", ["config.json", "modules.json", "vocab.txt", "model.safetensors"])
def test_a_folder_that_lacks_a_part_is_refused(source, tmp_path, missing):
    (source / missing).unlink()
    assert refused(source, tmp_path / "models") == "model_unusable"


def test_damaged_weights_are_refused(source, tmp_path):
    weights = source / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert refused(source, tmp_path / "models") == "model_unusable"
    weights.write_bytes(b"\xff" * 64)
    assert refused(source, tmp_path / "models") == "model_unusable"


def test_a_link_out_of_the_folder_is_refused(source, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (source / "notes.txt").symlink_to(tmp_path / "secret.txt")
    assert refused(source, tmp_path / "models") == "model_unsafe"


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "名", "x" * 200])
def test_names_are_one_plain_part(source, tmp_path, name):
    assert refused(source, tmp_path / "models", name) == "model_unusable"


def test_nothing_there_is_said(tmp_path):
    assert refused(tmp_path / "none", tmp_path / "models") == "model_absent"


def test_the_catalogue_names_each_model_once_and_says_what_it_is():
    names = [model.name for model in catalogue()]
    assert len(names) == len(set(names))
    assert {model.kind for model in catalogue()} == {"embedder", "reranker"}
    for model in catalogue():
        assert model.languages and model.licence and model.note["zh"] and model.note["en"]
        assert model.kind == "reranker" or model.dimension
    assert known_model("baai/BGE-m3") is known_model("bge-m3")
    assert known_model("nothing") is None
