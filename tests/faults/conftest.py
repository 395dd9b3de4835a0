"""One migrated data folder for all; each test starts from a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.place import Place, copied


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "template"
    folder.mkdir()
    place = Place(folder, {})
    done = place.run("manage.py", "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr[-3000:]
    done = place.run("manage.py", "first_run")
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture
def place(template, tmp_path) -> Place:
    return copied(template, tmp_path / "data")
