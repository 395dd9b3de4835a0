"""Loading a model from a hub: whole or not at all, gone on with after a cut, and only what was announced."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from apps.rag.models import library
from apps.rag.models.catalogue import KnownModel, known_model
from apps.rag.models.errors import ModelFileError
from apps.rag.models.hub import Hub
from apps.rag.models.library import damaged_files, installed, pull
from tests.fakes.hub import FakeHub, fake_hub
from tests.fakes.tiny_model import DIMENSION, build, files_only

WEIGHTS = "model.safetensors"
PAUSES = (0.0, 0.0)


def known(**changes: object) -> KnownModel:
    model = known_model("bge-m3")
    assert model
    return replace(model, name="tiny", repo="house/tiny", dimension=DIMENSION, **changes)  # type: ignore[arg-type]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    files_only(tmp_path / "hub/house/tiny")
    with fake_hub(tmp_path / "hub") as made:
        yield made


def load(hub: FakeHub, root: Path, model: KnownModel | None = None, told: list | None = None):
    with Hub(hub.address, pauses=PAUSES) as opened:
        say = (lambda *step: told.append(step)) if told is not None else (lambda *step: None)
        return pull(model or known(), root=root, hub=opened, progress=say)


def refused(hub: FakeHub, root: Path, model: KnownModel | None = None) -> str:
    with pytest.raises(ModelFileError) as fault:
        load(hub, root, model)
    assert installed(root) == []
    return fault.value.code


def test_a_model_arrives_whole_with_its_origin_and_checksums(hub, tmp_path):
    told: list[tuple[int, int, str]] = []
    model = load(hub, tmp_path / "models", told=told)
    assert installed(tmp_path / "models") == [model]
    assert (model.name, model.kind, model.dimension) == ("tiny", "embedder", DIMENSION)
    assert model.origin == f"{hub.address}/house/tiny@{hub.commit}"
    assert (model.folder / WEIGHTS).read_bytes() == (hub.root / "house/tiny" / WEIGHTS).read_bytes()
    assert told[-1][0] == told[-1][1] and [step[0] for step in told] == sorted(step[0] for step in told)
    assert damaged_files(model) == []
    (model.folder / "vocab.txt").write_text("other")
    assert damaged_files(model) == ["vocab.txt"]


def test_large_files_on_another_host_are_followed_to(hub, tmp_path):
    hub.faults[WEIGHTS] = "redirect"
    assert load(hub, tmp_path / "models").dimension == DIMENSION


def test_a_cut_connection_is_gone_on_with_where_it_was(hub, tmp_path):
    hub.faults[WEIGHTS] = "cut"
    load(hub, tmp_path / "models")
    size = (hub.root / "house/tiny" / WEIGHTS).stat().st_size
    assert hub.ranges_of(WEIGHTS) == ["", f"bytes={size // 2}-"]


def test_a_pull_that_was_given_up_is_gone_on_with_by_the_next(hub, tmp_path):
    hub.faults[WEIGHTS] = "cut-always"
    assert refused(hub, tmp_path / "models") == "hub_unreachable"
    before = len(hub.asked)
    hub.faults.clear()
    load(hub, tmp_path / "models")
    assert [path for path, _range in hub.asked[before:]] == [WEIGHTS]
    assert hub.asked[-1][1].startswith("bytes=")


def test_what_an_earlier_commit_left_is_not_mixed_in(hub, tmp_path):
    hub.faults[WEIGHTS] = "cut-always"
    assert refused(hub, tmp_path / "models") == "hub_unreachable"
    hub.faults.clear()
    hub.commit = "f" * 40
    load(hub, tmp_path / "models")
    assert hub.asked[-1] == (WEIGHTS, "")


def test_a_host_that_knows_no_ranges_sends_all_again(hub, tmp_path):
    hub.faults[WEIGHTS] = "cut-always"
    assert refused(hub, tmp_path / "models") == "hub_unreachable"
    hub.faults[WEIGHTS] = "no-range"
    assert damaged_files(load(hub, tmp_path / "models")) == []


def test_bytes_that_were_not_announced_are_refused(hub, tmp_path):
    hub.faults[WEIGHTS] = "wrong"
    assert refused(hub, tmp_path / "models") == "hub_checksum"
    assert len(hub.ranges_of(WEIGHTS)) == 2
    hub.faults = {"vocab.txt": "wrong"}
    assert refused(hub, tmp_path / "others") == "hub_checksum"


def test_weights_other_than_the_catalogues_are_refused(hub, tmp_path):
    assert refused(hub, tmp_path / "models", known(sha256={WEIGHTS: "0" * 64})) == "hub_checksum"


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/x.json", "/etc/passwd.txt", "a/../../b.json", "a\\..\\b.json", "..", "a//b.json", "a\nb.json", "b.json\0"],
)  # fmt: skip
def test_hostile_file_names_end_the_pull_before_anything_is_written(hub, tmp_path, name):
    hub.renamed["vocab.txt"] = name
    assert refused(hub, tmp_path / "models") == "hub_bad_name"
    assert hub.asked == []


def test_a_redirect_out_of_http_is_not_followed(hub, tmp_path):
    hub.faults[WEIGHTS] = "down"
    assert refused(hub, tmp_path / "models") == "hub_bad_answer"


def test_a_full_disk_is_said_before_or_when_it_happens(hub, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(library.shutil, "disk_usage", lambda _path: usage._replace(free=1000))
        assert refused(hub, tmp_path / "models") == "disk_full"
    opened = Path.open

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *exc):
            self.file.close()

        def write(self, block):
            raise OSError(errno.ENOSPC, "No space left on device")

    def open_full(path, mode="r", *args, **options):
        file = opened(path, mode, *args, **options)
        return Full(file) if mode == "ab" else file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", open_full)
        assert refused(hub, tmp_path / "models") == "disk_full"
    assert load(hub, tmp_path / "models").name == "tiny"


def test_what_is_absent_present_or_not_for_here_is_said(hub, tmp_path):
    assert refused(hub, tmp_path / "models", replace(known(), repo="house/none")) == "hub_not_found"
    assert refused(hub, tmp_path / "models", known(runs_here=False)) == "model_unsafe"
    load(hub, tmp_path / "models")
    with pytest.raises(ModelFileError) as fault:
        load(hub, tmp_path / "models")
    assert fault.value.code == "model_exists"
    hub.address = "http://127.0.0.1:9"
    assert refused(hub, tmp_path / "other") == "hub_unreachable"


def test_files_of_another_model_are_not_taken_for_it(hub, tmp_path):
    with pytest.raises(ModelFileError, match="not those of tiny"):
        load(hub, tmp_path / "models", replace(known(), dimension=1024))
    assert installed(tmp_path / "models") == []


def test_pickled_weights_are_rewritten_as_safetensors_and_only_if_they_are_tensors(hub, tmp_path):
    folder = build(tmp_path / "hub/house/real")
    pickle_weights(folder)
    model = load(hub, tmp_path / "models", replace(known(), repo="house/real"))
    assert (model.folder / WEIGHTS).is_file()
    assert not (model.folder / "pytorch_model.bin").exists()
    evil = tmp_path / "hub/house/evil"
    shutil.copytree(folder, evil)
    (evil / "pytorch_model.bin").write_bytes(b"cposix\nsystem\n(S'touch /tmp/owned'\ntR.")
    assert refused(hub, tmp_path / "others", replace(known(), repo="house/evil")) == "model_unsafe"


def pickle_weights(folder: Path) -> None:
    import subprocess
    import sys

    script = (
        "import sys, torch; from safetensors.torch import load_file; f = sys.argv[1];"
        "torch.save(load_file(f + '/model.safetensors'), f + '/pytorch_model.bin')"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=True, timeout=120)
    (folder / WEIGHTS).unlink()
