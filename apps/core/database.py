"""Connections of threads that live as long as the process."""

from __future__ import annotations

import sqlite3

from django.conf import settings
from django.db import connection


def release_connection() -> None:
    """After work in a thread of a lasting pool: back to the pool on PostgreSQL, while a SQLite file stays
    open for the thread's next work (opening reads the whole schema)."""
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        connection.close()


def keep_sqlite_open() -> sqlite3.Connection | None:
    """One connection that stays open while the process lives: when the last one of a file is closed,
    SQLite copies its whole log back, which each request would otherwise pay for."""
    if connection.vendor != "sqlite":
        return None
    kept = sqlite3.connect(settings.DATABASES["default"]["NAME"], check_same_thread=False, timeout=20)
    kept.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    return kept
