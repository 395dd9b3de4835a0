"""SQLite connections outlive the request that opened them, and nothing else does."""

from __future__ import annotations

import sqlite3

import pytest

from apps.core.sqlite_pool import base


def wrapper(path) -> base.DatabaseWrapper:
    return base.DatabaseWrapper(
        {
            "ENGINE": "apps.core.sqlite_pool",
            "NAME": str(path),
            "OPTIONS": {"timeout": 5, "init_command": "PRAGMA journal_mode=WAL; PRAGMA busy_timeout=1234;"},
            "ATOMIC_REQUESTS": False,
            "AUTOCOMMIT": True,
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "TIME_ZONE": None,
            "TEST": {"NAME": None},
        }
    )


@pytest.fixture
def place(tmp_path, django_db_blocker):
    """A database file of the test's own; the tests' real one is not touched."""
    path = tmp_path / "pooled.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE word (text TEXT)")
    with django_db_blocker.unblock():
        yield path


def raw_connection(path) -> sqlite3.Connection:
    """What one request gets, after it has ended."""
    request = wrapper(path)
    request.ensure_connection()
    found = request.connection
    request.close()
    return found


def test_the_next_request_gets_the_connection_of_the_last(place):
    assert raw_connection(place) is raw_connection(place)


def test_a_kept_connection_has_its_pragmas(place):
    raw_connection(place)
    request = wrapper(place)
    with request.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (1234,)
        assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
    request.close()


def test_two_requests_at_once_have_two_connections(place):
    first, second = wrapper(place), wrapper(place)
    first.ensure_connection()
    second.ensure_connection()
    assert first.connection is not second.connection
    first.close()
    second.close()


def test_a_connection_with_an_open_transaction_is_closed_and_undone(place):
    request = wrapper(place)
    request.ensure_connection()
    request.set_autocommit(False)
    with request.cursor() as cursor:
        cursor.execute("INSERT INTO word VALUES ('half')")
    left = request.connection
    assert left.in_transaction
    request._close()
    with pytest.raises(sqlite3.ProgrammingError):
        left.execute("SELECT 1")
    with sqlite3.connect(place) as database:
        assert database.execute("SELECT count(*) FROM word").fetchone() == (0,)


def test_a_file_put_in_its_place_is_opened_anew(place):
    old = raw_connection(place)
    place.rename(place.with_suffix(".old"))
    with sqlite3.connect(place) as database:
        database.execute("CREATE TABLE word (text TEXT)")
    assert raw_connection(place) is not old


def test_a_forked_process_does_not_take_its_parents_connection(place, monkeypatch):
    mine = raw_connection(place)
    monkeypatch.setattr(base.os, "getpid", lambda: -1)
    assert raw_connection(place) is not mine


def test_no_more_connections_are_kept_than_said(place):
    requests = [wrapper(place) for _ in range(base.KEPT + 3)]
    for request in requests:
        request.ensure_connection()
    connections = [request.connection for request in requests]
    for request in requests:
        request.close()
    still_open = 0
    for connection in connections:
        try:
            connection.execute("SELECT 1")
        except sqlite3.ProgrammingError:
            continue
        still_open += 1
    assert still_open == base.KEPT
