"""Originals are stored under their hash, so no parser may judge a file by its extension."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from apps.cabinets.demo import DemoFile, demo_files
from apps.rag.parsing.parser import AutoParser
from apps.rag.types import SourceFile


@pytest.mark.parametrize("file", demo_files(), ids=lambda file: file.filename)
def test_a_file_without_extension_is_read(file: DemoFile, tmp_path: Path):
    stored = tmp_path / "0a1b2c"
    stored.write_bytes(file.path.read_bytes())
    source = SourceFile(uuid.uuid4(), 1, uuid.uuid4(), uuid.uuid4(), file.filename, stored, file.media_type)
    assert AutoParser().parse(source).elements
