"""The chain of the audit trail: whoever changes, removes or adds a row is found out; copies leave the database."""

from __future__ import annotations

import csv
import io
import json
import socket

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.auditing import Search, audit_csv, audit_events
from apps.accounts.chain import digest
from apps.accounts.doctor import PATIENCE, audit_without_gap
from apps.accounts.models import AuditEvent, AuditSeal
from apps.accounts.trail import audit_record, audit_seal
from tests.factories import Api, make_user

pytestmark = pytest.mark.django_db
ROWS = 7


@pytest.fixture
def trail(db) -> list[AuditEvent]:
    alice = make_user("alice")
    for number in range(ROWS):
        audit_record(alice, action="test.done", target=alice, detail={"number": number, "text": "审计"})
    assert audit_seal() == ROWS
    return list(AuditEvent.objects.order_by("number"))


def wrong() -> list[str]:
    return [finding.line for finding in audit_without_gap(repair=False)]


def tampered(**which) -> QuerySet:
    """As somebody with the database in hand would do it."""
    return QuerySet(AuditEvent).filter(**which)


def test_each_row_names_the_one_before_and_the_doctor_is_silent(trail):
    assert [row.number for row in trail] == list(range(1, ROWS + 1))
    assert [row.previous for row in trail] == ["", *(row.hash for row in trail[:-1])]
    assert all(digest(row) == row.hash for row in trail)
    assert wrong() == []


@pytest.mark.parametrize(
    "change",
    [
        {"actor_name": "bob"},
        {"action": "test.other"},
        {"target_id": "1"},
        {"target_name": "x"},
        {"detail": {}},
        {"at": timezone.now()},
        {"previous": "0" * 64},
        {"hash": "0" * 64},
        {"number": 900},
    ],
)
@pytest.mark.parametrize("number", [1, 4, ROWS])
def test_a_changed_row_is_found_wherever_it_stands(trail, change, number):
    tampered(number=number).update(**change)
    assert wrong()


@pytest.mark.parametrize("number", [1, 4, ROWS])
def test_a_removed_row_is_found_even_the_newest(trail, number):
    tampered(number=number).delete()
    assert any("missing" in line for line in wrong())


def test_a_rewritten_rest_of_the_chain_does_not_reach_the_end_that_is_kept_apart(trail):
    tampered(number=4).update(actor_name="bob")
    before = trail[2].hash
    for row in AuditEvent.objects.filter(number__gte=4).order_by("number"):
        row.previous = before
        row.hash = before = digest(row)
        tampered(pk=row.pk).update(previous=row.previous, hash=row.hash)
    assert wrong() == ["I11  audit end of the chain: was changed"]


def test_a_row_put_behind_the_end_is_found(trail):
    forged = AuditEvent(actor_name="bob", action="x", number=ROWS + 1, previous=trail[-1].hash)
    forged.hash = digest(forged)
    forged.save()
    assert any("behind the end" in line for line in wrong())


def test_the_program_itself_neither_changes_nor_removes_rows(trail):
    row = trail[0]
    for attempt in (row.save, row.delete, AuditEvent.objects.all().delete):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(TypeError):
        AuditEvent.objects.filter(pk=row.pk).update(action="x")


def test_what_a_crash_left_outside_is_found_and_taken_in(trail):
    AuditEvent.objects.create(actor_name="alice", action="late", at=timezone.now() - 2 * PATIENCE)
    assert wrong() == ["I11  audit trail: 1 rows are not in the chain"]
    list(audit_without_gap(repair=True))
    assert wrong() == []
    assert AuditSeal.objects.get().number == ROWS + 1


def test_a_rolled_back_change_leaves_no_hole(trail):
    from django.db import transaction

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit_record(None, action="never")
        raise ZeroDivisionError
    audit_record(None, action="after")
    assert audit_seal() == 1
    assert wrong() == []


class TestCopies:
    def test_a_file_gets_each_row_once_as_a_line_that_can_be_checked(self, trail, settings, tmp_path):
        settings.AUDIT_LOG = str(tmp_path / "log" / "audit.jsonl")
        audit_record(None, action="more")
        audit_seal()
        audit_seal()
        lines = [json.loads(line) for line in (tmp_path / "log" / "audit.jsonl").read_text().splitlines()]
        assert [line["number"] for line in lines] == list(range(1, ROWS + 2))
        assert [line["previous"] for line in lines][1:] == [line["hash"] for line in lines][:-1]
        assert lines[0]["detail"]["text"] == "审计"
        assert (tmp_path / "log" / "audit.jsonl").stat().st_mode & 0o077 == 0

    def test_what_cannot_be_delivered_now_is_delivered_later(self, trail, settings, tmp_path):
        blocked = tmp_path / "blocked"
        blocked.write_text("a file where a folder is needed")
        settings.AUDIT_LOG = str(blocked / "audit.jsonl")
        audit_seal()
        assert AuditSeal.objects.get().delivered == 0
        blocked.unlink()
        audit_seal()
        assert AuditSeal.objects.get().delivered == ROWS

    def test_a_syslog_gets_a_datagram_a_row(self, trail, settings):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.settimeout(5)
            settings.AUDIT_LOG = f"syslog://127.0.0.1:{server.getsockname()[1]}"
            audit_seal()
            got = [server.recv(65536).decode() for _row in range(ROWS)]
        assert got[0].startswith("<38>askive: {")
        assert json.loads(got[-1].partition("askive: ")[2])["number"] == ROWS


def test_a_table_calculates_nothing_in_a_spreadsheet(trail):
    for name in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", " =1", 'a","=1'):
        AuditEvent.objects.create(actor_name=name, action="x", target_name=name)
    rows = list(csv.reader(io.StringIO(audit_csv(audit_events(Search())).removeprefix("\ufeff"))))
    for row in rows[1:]:
        assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "＝")) for cell in row), row
    assert len(rows) == ROWS + 9


def test_the_trail_is_searched_by_word_person_action_and_day(trail):
    def count(**search):
        return audit_events(Search(**search)).count()

    today = timezone.localdate()
    assert count(text="alice") == count(action="test") == count(since=today, until=today) == ROWS
    assert count(text="nobody") == count(until=today.replace(year=2000)) == count(action="user") == 0
    assert count(text="\0alice", actor="alice") == ROWS


def test_administrators_read_it_in_pages_and_take_it_out(trail):
    root = Api(make_user("root", is_administrator=True), "admin")
    seen, cursor = [], ""
    while True:
        answer = root.get(
            "audit", {"limit": 3, "action": "test", **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [item["number"] for item in answer["items"]]
        if not (cursor := answer["next_cursor"]):
            break
    assert seen == list(range(ROWS, 0, -1))
    table = root.get("audit.csv", {"action": "test"})
    assert table["Content-Type"].startswith("text/csv")
    assert AuditEvent.objects.filter(action="audit.export", actor_name="root").exists()
    assert root.get("audit", {"since": "soon"}).status_code == 422
