"""Uploaded files of readings: DATA_DIR/proofreading/{reading}/source.{type}, gone with their reading."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

from apps.office.models import Proofreading


def folder_of(key: UUID) -> Path:
    return Path(settings.DATA_DIR) / "proofreading" / str(key)


def reading_delete(row: Proofreading) -> None:
    """The row first: a folder without a row is swept, a row without its file would be shown."""
    key, job = row.pk, row.job
    row.delete()
    if job is not None:
        job.delete()
    shutil.rmtree(folder_of(key), ignore_errors=True)
