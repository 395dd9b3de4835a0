"""Connections of threads that live as long as the process."""

from __future__ import annotations

from django.db import connection


def release_connection() -> None:
    """After work in a thread of a lasting pool: back to the pool on PostgreSQL, while a SQLite file stays
    open for the thread's next work (opening reads the whole schema)."""
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        connection.close()


def close_connection() -> None:
    """Give the connection back before something long; inside a transaction it is still needed."""
    if not connection.in_atomic_block:
        connection.close()
