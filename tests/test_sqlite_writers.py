"""Writers of one SQLite file come one after the other, in order, and nobody is refused for others' haste."""

# ruff: noqa: F811 - the fixture is another file's
from __future__ import annotations

import sqlite3
import threading
import time

import pytest
from django.db.utils import OperationalError

from apps.core.sqlite_pool.line import Line
from tests.test_sqlite_pool import place, wrapper  # noqa: F401 - a fixture


def writer(path, *, timeout: float = 20):
    found = wrapper(path)
    found.settings_dict["OPTIONS"] |= {"timeout": timeout, "transaction_mode": "IMMEDIATE"}
    return found


def all_at_once(count: int, work) -> list[BaseException]:
    faults: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return faults


def begin(connection) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def end(connection) -> None:
    connection.commit()
    connection.set_autocommit(True)


def test_forty_writers_who_each_hold_the_file_all_get_their_turn(place):
    def write(number: int) -> None:
        own = writer(place)
        for _ in range(3):
            begin(own)
            with own.cursor() as cursor:
                cursor.execute("INSERT INTO word VALUES (%s)", [str(number)])
            time.sleep(0.004)
            end(own)
            with own.cursor() as cursor:  # outside a transaction it waits as well
                cursor.execute("UPDATE word SET text = text WHERE text = %s", [str(number)])
        own.close()

    assert all_at_once(40, write) == []
    with sqlite3.connect(place) as database:
        assert database.execute("SELECT count(*) FROM word").fetchone() == (120,)


def test_turns_are_in_the_order_of_asking():
    line, served = Line(), []
    assert line.enter(seconds=1)
    threads = []
    for number in range(8):

        def wait(number: int = number) -> None:
            assert line.enter(seconds=10)
            served.append(number)
            line.leave()

        thread = threading.Thread(target=wait)
        thread.start()
        threads.append(thread)
        while len(line._waiting) <= number:
            time.sleep(0.001)
    line.leave()
    for thread in threads:
        thread.join(10)
    assert served == list(range(8))


def test_who_waits_too_long_is_told_and_the_line_goes_on(place):
    first, third = writer(place), writer(place)
    begin(first)
    first.cursor().execute("INSERT INTO word VALUES ('first')")
    faults = all_at_once(1, lambda _number: begin(writer(place, timeout=0.05)))
    assert [type(fault) for fault in faults] == [OperationalError]
    end(first)
    begin(third)
    third.cursor().execute("INSERT INTO word VALUES ('third')")
    end(third)
    with sqlite3.connect(place) as database:
        assert database.execute("SELECT text FROM word").fetchall() == [("first",), ("third",)]


def test_a_rollback_and_a_lost_connection_end_the_turn(place):
    first, second = writer(place), writer(place, timeout=0.5)
    begin(first)
    first.rollback()
    first.set_autocommit(True)
    begin(second)
    second.connection.execute("INSERT INTO word VALUES ('lost')")
    second.close()  # in the middle of its transaction
    begin(first)
    end(first)
    with sqlite3.connect(place) as database:
        assert database.execute("SELECT count(*) FROM word").fetchone() == (0,)


def test_readers_do_not_wait(place):
    first, reader = writer(place), writer(place, timeout=0.05)
    begin(first)
    first.cursor().execute("INSERT INTO word VALUES ('first')")
    with reader.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM word").fetchone() == (0,)
    end(first)
    with pytest.raises(OperationalError), reader.cursor() as cursor:
        cursor.execute("INSERT INTO nowhere VALUES (1)")
    begin(first)  # a refused statement ended its turn
    end(first)
