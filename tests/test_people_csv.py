"""People as CSV: the file that a spreadsheet gets, and the one that is taken over after a look."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.departments import department_ensure
from apps.accounts.models import AuditEvent, Group, User
from apps.core.spreadsheets import as_meant, safe
from tests.factories import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(people) -> Api:
    return Api(people.root, "admin")


def send(admin: Api, content: str | bytes, *, apply: bool = False):
    raw = content.encode() if isinstance(content, str) else content
    form = {"file": SimpleUploadedFile("people.csv", raw), "apply": str(apply).lower()}
    return admin.client.post("/api/v1/users/import", form, **admin.headers)


def exported(admin: Api) -> list[dict[str, str]]:
    raw = b"".join(admin.get("users.csv").streaming_content)
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel would read it as something else"
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))


def test_a_file_is_looked_at_before_anything_changes(people, admin):
    told = send(admin, "username,display_name\nalice,Alice\nbob,Robert\nnew,新人\n").json()
    assert [(row["username"], row["action"]) for row in told["rows"]] == [
        ("alice", "same"), ("bob", "update"), ("new", "create"),
    ]  # fmt: skip
    assert (told["applied"], told["create"], told["update"]) == (False, 1, 1)
    assert not User.objects.filter(username="new").exists()
    people.bob.refresh_from_db()
    assert people.bob.display_name == "Bob"


def test_it_is_taken_over_with_departments_groups_and_state(people, admin):
    body = (
        "username;display_name;departments;groups;active;password\n"
        'new;新人;"Head office/Finance;Audit";"Project A";yes;a long first password\n'
        "bob;Bob;;;no;\n"
    )
    answer = send(admin, body, apply=True)
    assert answer.json()["applied"] is True, answer.content
    made = User.objects.get(username="new")
    assert {one.path for one in made.departments.all()} == {"Head office/Finance", "Audit"}
    assert [one.name for one in made.teams.all()] == ["Project A"]
    assert made.check_password("a long first password")
    people.bob.refresh_from_db()
    assert not people.bob.is_active
    assert AuditEvent.objects.filter(action="user.import", actor=people.root).count() == 1


def test_what_is_exported_comes_back_as_it_was(people, admin):
    people.alice.departments.add(department_ensure("Head office/Finance"))
    people.alice.teams.add(Group.objects.create(name="Project A"))
    people.alice.display_name = "=HYPERLINK(1)"
    people.alice.save()
    raw = b"".join(admin.get("users.csv").streaming_content)
    told = send(admin, raw).json()
    assert (told["same"], told["create"], told["update"], told["error"]) == (4, 0, 0, 0)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", " =1", "\t=1", "\r=1", "＝1"])
def test_a_cell_never_begins_a_formula(people, admin, text):
    assert safe(text).startswith("'")
    assert as_meant(safe(text)) == text
    people.alice.display_name = text
    people.alice.save()
    (row,) = [row for row in exported(admin) if row["username"] == "alice"]
    assert row["display_name"][:1] == "'"


def test_a_file_makes_nobody_an_administrator_and_tells_no_password(people, admin):
    assert {row["username"]: row["administrator"] for row in exported(admin)}["root"] == "yes"
    send(admin, "username,administrator\nalice,yes\nroot,no\n", apply=True)
    people.alice.refresh_from_db()
    people.root.refresh_from_db()
    assert (people.alice.is_superuser, people.root.is_superuser) == (False, True)
    assert "password" not in exported(admin)[0]


ROWS = {
    "a b,x,,yes": "no name for signing in",
    ",x,,yes": "no name for signing in",
    "ALICE,x,,yes": "other letters",
    "new,x,,maybe": "active is yes or no",
    "new,x,A//B,yes": "Enter a name",
    f"new,{'x' * 130},,yes": "too long",
}


@pytest.mark.parametrize("row", ROWS)
def test_one_row_with_an_error_holds_up_the_whole_file(people, admin, row):
    body = f"username,display_name,departments,active\ngood,Good,,yes\n{row}\n"
    told = send(admin, body).json()
    assert told["rows"][0]["line"] == 3, "errors come first, with their line"
    assert ROWS[row] in " ".join(told["rows"][0]["errors"])
    assert send(admin, body, apply=True).status_code == 422
    assert not User.objects.filter(username="good").exists()


def test_a_person_named_twice_and_a_weak_password_are_errors(admin):
    told = send(admin, "username,password\nnew,\nnew,\nother,short\n").json()
    assert told["error"] == 2


def test_who_imports_cannot_deactivate_themself_and_nothing_else_changes_then(people, admin):
    answer = send(admin, "username,active\nbob,no\nroot,no\n", apply=True)
    assert answer.status_code == 422
    assert "Line 3" in answer.json()["detail"]
    people.bob.refresh_from_db()
    assert people.bob.is_active


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"name\nx\n",
        b"username,username\na,b\n",
        b"username,shoe_size\na,1\n",
        b"\x81\x20\xff\xff",
        b'username\n"open\n' + b"x" * 140_000,
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(admin, raw):
    answer = send(admin, raw)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_file_that_is_too_large_is_refused(admin):
    assert send(admin, b"username\n" + b"x" * (2 * 1024 * 1024)).status_code == 413
    assert send(admin, "username\n" + "".join(f"u{number}\n" for number in range(5001))).status_code == 422


def test_what_a_chinese_spreadsheet_writes_is_read(admin):
    send(admin, "username,display_name,active\nwang,王芳,是\n".encode("gb18030"), apply=True)
    assert User.objects.get(username="wang").display_name == "王芳"


def test_the_page_is_for_administrators(people):
    browser = Client()
    browser.force_login(people.alice)
    assert browser.get("/people/import/").status_code == 403
    browser.force_login(people.root)
    assert browser.get("/people/import/").status_code == 200
