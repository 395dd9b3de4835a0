"""The models on this machine: a folder each below one root, with a manifest that says where it came from.

A model appears under its name all at once: everything is made in a folder beside it and renamed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apps.rag.durable import sync
from apps.rag.models.catalogue import KnownModel
from apps.rag.models.errors import ModelFileError
from apps.rag.models.folders import (
    MANIFEST,
    MAX_FILES,
    PICKLED,
    Inspection,
    checked_name,
    checked_path,
    inspect,
    is_wanted,
)
from apps.rag.models.hub import BLOCK, Hub, HubFile, Listing

PARTIAL = ".partial"
LISTED = ".listing"
SPARE = 256 * 1024 * 1024  # bytes that stay free on the disk
MAX_MODEL = 64 * 1024**3

Progress = Callable[[int, int, str], None]  # bytes here, bytes in all, the file at hand


@dataclass(frozen=True, slots=True)
class Installed:
    """`origin` is a repository with its commit, or the folder that it was carried in from."""

    name: str
    kind: str
    folder: Path
    size: int
    dimension: int | None
    origin: str
    added_at: str


def installed(root: Path) -> list[Installed]:
    """By name. A folder without a manifest is none of ours."""
    manifests = sorted(root.glob(f"*/{MANIFEST}")) if root.is_dir() else []
    return [_read(manifest) for manifest in manifests if not manifest.parent.name.startswith(".")]


def pull(known: KnownModel, *, root: Path, hub: Hub, progress: Progress) -> Installed:
    """Load a model from the hub. What an earlier try left is gone on with, if the hub still holds the same
    commit. Raises ModelFileError."""
    if not known.repo:
        raise ModelFileError(f"{known.name} comes with the product.", code="model_exists")
    if not known.runs_here:
        raise ModelFileError(f"{known.name} cannot run here. {known.note['en']}", code="model_unsafe")
    with _alone(root, known.name):
        _refuse_existing(root, known.name)
        listing = hub.listing(known.repo, known.revision)
        files = _chosen(listing, known)
        folder = _partial(root, known.name, listing)
        _check_room(folder, files)
        _fetch_all(hub, listing, files, folder, progress)
        if (folder / PICKLED).is_file():
            _without_pickle(folder)
        found = inspect(folder)
        if found.kind != known.kind or known.dimension not in (None, found.dimension):
            raise ModelFileError(
                f"The files are not those of {known.name}: {found.kind}, {found.dimension} dimensions."
            )
        (folder / LISTED).unlink()
        origin = f"{hub.base_url}/{known.repo}@{listing.commit}"
        return _install(folder, root / known.name, found, origin=origin)


def add(source: Path, *, name: str, root: Path, progress: Progress) -> Installed:
    """Take in a folder that was carried here. Only what is needed is copied. Raises ModelFileError."""
    _refuse_existing(root, checked_name(name))
    found = inspect(source)
    folder = root / PARTIAL / f"{name}.add-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        if shutil.disk_usage(folder).free < found.size + SPARE:
            raise ModelFileError("There is not enough room on the disk.", code="disk_full")
        done = 0
        for path in found.files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / path, folder / path)
            done += (folder / path).stat().st_size
            progress(done, found.size, path)
        return _install(folder, root / name, inspect(folder), origin=str(source.resolve()))
    except OSError as error:
        raise ModelFileError(
            f"The folder could not be copied: {error}", code="disk_full" if error.errno == 28 else None
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def damaged_files(model: Installed) -> list[str]:
    """Files that no longer have the checksum of their manifest, or are gone."""
    wanted: dict[str, str] = json.loads((model.folder / MANIFEST).read_text(encoding="utf-8"))["sha256"]
    return [
        path for path, digest in wanted.items()
        if not (model.folder / path).is_file() or sha256_of(model.folder / path) != digest
    ]  # fmt: skip


def remove(model: Installed) -> None:
    """Out of sight first, then file by file."""
    aside = model.folder.parent / PARTIAL / f"{model.name}.removed-{os.getpid()}"
    aside.parent.mkdir(exist_ok=True)
    model.folder.rename(aside)
    shutil.rmtree(aside)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while block := opened.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def _alone(root: Path, name: str) -> Iterator[None]:
    """One process at a time gathers the files of a model; the lock goes with the process."""
    (root / PARTIAL).mkdir(parents=True, exist_ok=True)
    with (root / PARTIAL / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ModelFileError(f"{name} is being loaded already.", code="model_exists") from error
        yield


def _refuse_existing(root: Path, name: str) -> None:
    if (root / name).exists():
        raise ModelFileError(f"{name} is on this machine already.", code="model_exists")


def _chosen(listing: Listing, known: KnownModel) -> list[HubFile]:
    """What is needed of the repository. Pickled weights only where there are no others."""
    files = [file for file in listing.files if is_wanted(file.path)]
    if not any(file.path.endswith(".safetensors") and "/" not in file.path for file in files):
        files += [file for file in listing.files if file.path == PICKLED]
    if not 0 < len(files) <= MAX_FILES or sum(file.size for file in files) > MAX_MODEL:
        raise ModelFileError(
            "The repository holds no model, or one that is too large.", code="hub_bad_answer"
        )
    for file in files:
        expected = known.sha256.get(file.path, "")
        if expected and file.sha256 != expected:
            raise ModelFileError(
                f"{file.path} on the hub is not the one that the catalogue knows.", code="hub_checksum"
            )
    return sorted(files, key=lambda file: (file.size, file.path))


def _partial(root: Path, name: str, listing: Listing) -> Path:
    """Where the files gather. What another commit left there is thrown away."""
    folder = root / PARTIAL / name
    mark = folder / LISTED
    told = f"{listing.repo}@{listing.commit}"
    if folder.exists() and not (mark.is_file() and mark.read_text(encoding="utf-8") == told):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(told, encoding="utf-8")
    return folder


def _here(folder: Path, file: HubFile) -> int:
    whole, part = folder / file.path, folder / f"{file.path}.part"
    return next((path.stat().st_size for path in (whole, part) if path.is_file()), 0)


def _check_room(folder: Path, files: list[HubFile]) -> None:
    missing = sum(file.size - min(file.size, _here(folder, file)) for file in files)
    free = shutil.disk_usage(folder).free
    if free < missing + SPARE:
        raise ModelFileError(
            f"{missing / 1e6:.0f} MB are to be loaded and {free / 1e6:.0f} MB are free: make room first.",
            code="disk_full",
        )


def _fetch_all(hub: Hub, listing: Listing, files: list[HubFile], folder: Path, progress: Progress) -> None:
    total = sum(file.size for file in files)
    done = sum(min(file.size, _here(folder, file)) for file in files)
    for file in files:
        progress(done, total, file.path)
        target = folder / checked_path(file.path)
        if target.is_file():
            continue  # it was whole and right when it got this name

        def advance(count: int, path: str = file.path) -> None:
            nonlocal done
            done += count
            progress(done, total, path)

        hub.fetch(listing, file, target, advance=advance)
    progress(total, total, "")


def _without_pickle(folder: Path) -> None:
    from apps.rag.embedders.convert import convert

    convert(folder / PICKLED, folder / "model.safetensors")
    (folder / PICKLED).unlink()


def _install(folder: Path, target: Path, found: Inspection, *, origin: str) -> Installed:
    manifest: dict[str, Any] = {
        "name": target.name,
        "kind": found.kind,
        "dimension": found.dimension,
        "size": found.size,
        "origin": origin,
        "added_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sha256": {path: sha256_of(folder / path) for path in found.files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for path in (*found.files, MANIFEST):
        sync(folder / path)
    try:
        folder.rename(target)
    except OSError as error:
        raise ModelFileError(
            f"{target.name} could not be put in its place: {error}", code="model_exists"
        ) from error
    sync(target.parent)
    return _read(target / MANIFEST)


def _read(manifest: Path) -> Installed:
    said = json.loads(manifest.read_text(encoding="utf-8"))
    return Installed(
        name=manifest.parent.name,
        kind=said["kind"],
        folder=manifest.parent,
        size=said["size"],
        dimension=said["dimension"],
        origin=said["origin"],
        added_at=said["added_at"],
    )
