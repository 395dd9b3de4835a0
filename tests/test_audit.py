"""The audit trail: one row a change, in the transaction of the change, by whoever made it."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from apps.accounts.models import ApiKey, AuditEvent, User
from apps.cabinets.models import Chunk, Document
from apps.cabinets.services import cabinets
from tests.factories import Api, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(people, hints) -> Api:
    return Api(people.alice)


@pytest.fixture
def document(people, alice) -> Document:
    return upload(people.alice, people.root_folder, "rules.md", "# Rules")


def trail(start: int) -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.filter(pk__gt=start).order_by("pk")
    return list(rows.values_list("actor_name", "action", "target_name"))


def now() -> int:
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def folder_of(people) -> str:
    return str(people.cabinet.folders.exclude(parent=None).get().pk)


CHANGES = {
    "cabinet.create": (lambda a, p, d: a.post("cabinets", {"name": "New"}), "New"),
    "cabinet.update": (lambda a, p, d: a.patch(f"cabinets/{p.cabinet.pk}", {"name": "Other"}), "Other"),
    "cabinet.delete": (lambda a, p, d: a.delete(f"cabinets/{p.cabinet.pk}"), "Rules"),
    "folder.create": (lambda a, p, d: a.post(f"cabinets/{p.cabinet.pk}/folders", {"name": "Sub2"}), "Sub2"),
    "folder.rename": (lambda a, p, d: a.patch(f"folders/{folder_of(p)}", {"name": "Renamed"}), "Renamed"),
    "folder.delete": (lambda a, p, d: a.delete(f"folders/{folder_of(p)}"), "Sub"),
    "grants.set": (
        lambda a, p, d: a.put(
            f"cabinets/{p.cabinet.pk}/grants", [{"subject": "user:alice", "role": "manager"}]
        ),
        "Rules",
    ),
    "document.upload": (lambda a, p, d: a.upload(("a.txt", "a"), cabinet_id=p.cabinet.pk), "a"),
    "document.describe": (lambda a, p, d: a.patch(f"documents/{d.pk}", {"title": "T"}), "T"),
    "document.move": (lambda a, p, d: a.patch(f"documents/{d.pk}", {"folder_id": folder_of(p)}), "rules"),
    "document.requeue": (lambda a, p, d: a.post(f"documents/{d.pk}/reindex"), "rules"),
    "document.version": (
        lambda a, p, d: a.upload(("b.md", "# New"), to=f"documents/{d.pk}/versions"),
        "rules",
    ),
    "document.delete": (lambda a, p, d: a.delete(f"documents/{d.pk}"), "rules"),
    "chunk.disable": (lambda a, p, d: a.patch(f"chunks/{d.pk}", {"enabled": False}), "rules"),
}


@pytest.mark.parametrize("action", CHANGES)
def test_a_change_leaves_one_row_with_who_what_and_which(people, alice, document, action):
    alice.post(f"cabinets/{people.cabinet.pk}/folders", {"name": "Sub"})
    Chunk.objects.create(id=document.pk, document=document, generation=1, index=0, text="text")
    call, name = CHANGES[action]
    start = now()
    answer = call(alice, people, document)
    assert answer.status_code < 300, answer.content
    rows = [row for row in trail(start) if row[1] == action]
    assert rows == [("alice", action, name)]


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("user.create", None),
        ("user.deactivate", {"is_active": False}),
        ("user.role", {"is_administrator": True}),
        ("user.password", {"password": "another long one"}),
        ("user.rename", {"display_name": "Bobby"}),
        ("user.departments", {"departments": ["财务部"]}),
    ],
)
def test_what_administrators_do_to_people_is_written_down(people, action, change):
    root, start = Api(people.root, "admin"), now()
    if change is None:
        answer = root.post("users", {"username": "dave", "password": "correct horse battery"})
    else:
        answer = root.patch(f"users/{people.bob.pk}", change)
    assert answer.status_code < 300, answer.content
    event = AuditEvent.objects.get(pk__gt=start, action=action)
    assert (event.actor, event.target_kind) == (people.root, "user")
    assert "another long one" not in json.dumps(event.detail)


def test_keys_are_written_down_without_their_secret(people):
    client = Client()
    client.force_login(people.alice)
    start = now()
    made = client.post(
        "/api/v1/keys", json.dumps({"scopes": ["chat"]}), content_type="application/json"
    ).json()
    client.delete(f"/api/v1/keys/{made['id']}")
    assert [action for _who, action, _name in trail(start)] == ["key.create", "key.revoke"]
    assert made["secret"] not in json.dumps(list(AuditEvent.objects.values()), default=str)


@pytest.mark.parametrize(
    "call",
    [
        lambda api, people: api.post("cabinets", {"name": ""}),
        lambda api, people: api.patch(f"cabinets/{people.cabinet.pk}", {"name": ".."}),
        lambda api, people: api.put(f"cabinets/{people.cabinet.pk}/grants", []),
        lambda api, people: api.upload(("a.exe", b"MZ"), cabinet_id=people.cabinet.pk),
        lambda api, people: api.get("documents"),
    ],
)
def test_what_was_refused_or_only_read_leaves_no_row(people, alice, call):
    start = now()
    call(alice, people)
    assert trail(start) == []


def test_a_change_that_is_rolled_back_takes_its_row_with_it(people, alice, monkeypatch):
    start = now()

    def fault(*args, **options):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(cabinets.Grant.objects, "create", fault)
        assert alice.post("cabinets", {"name": "Half"}).status_code == 500
    assert trail(start) == []
    with monkeypatch.context() as patch:
        patch.setattr(AuditEvent.objects, "create", fault)
        assert alice.post("cabinets", {"name": "Half"}).status_code == 500
    assert not people.cabinet.__class__.objects.filter(name="Half").exists()


def test_a_row_outlives_the_person_who_made_it(people, alice):
    alice.post("cabinets", {"name": "New"})
    ApiKey.objects.all().delete()
    User.objects.filter(pk=people.alice.pk).delete()
    event = AuditEvent.objects.get(action="cabinet.create", target_name="New")
    assert (event.actor, event.actor_name) == (None, "alice")


def test_on_behalf_of_names_the_employee(people):
    root, start = Api(people.root, "documents:write", "impersonate"), now()
    root.post("cabinets", {"name": "For Alice"}, HTTP_X_ON_BEHALF_OF="alice")
    assert ("alice", "cabinet.create", "For Alice") in trail(start)
