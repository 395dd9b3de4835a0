"""Cabinets, folders and grants over REST."""

from __future__ import annotations

import uuid

import pytest

from apps.accounts.departments import department_create
from apps.cabinets.models import Cabinet, Grant
from tests.factories import Api, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(people) -> Api:
    return Api(people.alice)


def test_a_cabinet_is_made_read_changed_and_deleted(people, alice):
    made = alice.post("cabinets", {"name": " 制度 Rules ", "description": "All of them"})
    assert made.status_code == 201
    body = made.json()
    assert set(body) == {"id", "name", "slug", "description", "role", "document_count", "created_at"}
    assert (body["name"], body["role"], body["document_count"]) == ("制度 Rules", "manager", 0)
    address = f"cabinets/{body['id']}"
    assert alice.get(address).json() == body
    changed = alice.patch(address, {"name": "Handbook"}).json()
    assert (changed["name"], changed["description"], changed["slug"]) == (
        "Handbook",
        "All of them",
        body["slug"],
    )
    gone = alice.delete(address)
    assert (gone.status_code, gone.content) == (204, b"")
    assert alice.get(address).status_code == 404


def test_the_list_has_only_mine_with_my_role_and_the_documents_i_see(people, hints):
    upload(people.alice, people.root_folder, "a.txt", "a")
    hidden = Api(people.root).post("cabinets", {"name": "Hidden"}).json()["id"]
    mine = Api(people.bob).get("cabinets").json()
    assert [(item["name"], item["role"], item["document_count"]) for item in mine["items"]] == [
        ("Rules", "viewer", 1)
    ]
    assert mine["next_cursor"] is None
    assert Api(people.charlie).get("cabinets").json() == {"items": [], "next_cursor": None}
    assert hidden in {item["id"] for item in Api(people.root).get("cabinets").json()["items"]}


def test_pages_of_a_list_join_without_gap_or_double(people, alice):
    for number in range(7):
        alice.post("cabinets", {"name": f"Same name {number % 2}"})
    seen, cursor = [], None
    for _page in range(10):
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = alice.get("cabinets", query).json()
        assert len(page["items"]) <= 3
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    everything = [item["id"] for item in alice.get("cabinets").json()["items"]]
    assert seen == everything
    assert len(set(seen)) == 8


@pytest.mark.parametrize("limit", ["0", "-1", "201", "many"])
def test_a_list_has_a_bound(alice, limit):
    assert alice.get("cabinets", {"limit": limit}).status_code == 422


@pytest.mark.parametrize("name", ["", "   ", "\u202e\u200b", "a/b", "a\\b", "..", "x" * 121, "x" * 201, None])
def test_a_name_that_cannot_be_shown_is_refused(alice, name):
    answer = alice.post("cabinets", {"name": name})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "name"
    assert Cabinet.objects.count() == 1


def test_control_and_direction_marks_are_taken_out_of_a_name(alice):
    assert alice.post("cabinets", {"name": "in\u202evoice\x07"}).json()["name"] == "invoice"


def test_folders_have_paths_and_follow_a_rename(people, alice):
    address = f"cabinets/{people.cabinet.pk}/folders"
    top = alice.post(address, {"name": "财务"})
    assert top.status_code == 201
    assert (top.json()["path"], top.json()["parent_id"]) == ("财务", str(people.root_folder.pk))
    below = alice.post(address, {"name": "Travel", "parent_id": top.json()["id"]}).json()
    assert below["path"] == "财务/Travel"
    beside = alice.post(address, {"name": "财务处"}).json()
    alice.patch(f"folders/{top.json()['id']}", {"name": "Money"})
    paths = {item["id"]: item["path"] for item in alice.get(address).json()["items"]}
    assert paths[below["id"]] == "Money/Travel"
    assert paths[beside["id"]] == "财务处"
    assert paths[str(people.root_folder.pk)] == ""


def test_two_folders_of_one_name_are_a_conflict(people, alice):
    address = f"cabinets/{people.cabinet.pk}/folders"
    first = alice.post(address, {"name": "A"}).json()
    assert alice.post(address, {"name": "A"}).status_code == 409
    assert alice.post(address, {"name": "A", "parent_id": first["id"]}).status_code == 201
    other = alice.post(address, {"name": "B"}).json()
    assert alice.patch(f"folders/{other['id']}", {"name": "A"}).status_code == 409


def test_folders_can_only_be_nested_so_deep(people, alice):
    address, parent = f"cabinets/{people.cabinet.pk}/folders", None
    for depth in range(1, 20):
        answer = alice.post(address, {"name": f"f{depth}", "parent_id": parent})
        if answer.status_code != 201:
            break
        parent = answer.json()["id"]
    assert (depth, answer.status_code) == (12, 422)
    assert answer.json()["errors"][0]["field"] == "parent_id"


def test_only_an_empty_folder_goes_and_the_top_never(people, alice, hints):
    made = alice.post(f"cabinets/{people.cabinet.pk}/folders", {"name": "A"}).json()
    alice.upload(("a.txt", "text"), folder_id=made["id"])
    assert alice.delete(f"folders/{made['id']}").status_code == 409
    empty = alice.post(f"cabinets/{people.cabinet.pk}/folders", {"name": "B"}).json()
    assert alice.delete(f"folders/{empty['id']}").status_code == 204
    for call in (
        alice.delete(f"folders/{people.root_folder.pk}"),
        alice.patch(f"folders/{people.root_folder.pk}", {"name": "X"}),
    ):
        assert (call.status_code, call.json()["type"]) == (409, "urn:askive:problem:root")


def test_a_folder_of_another_cabinet_is_no_parent(people, alice):
    other = alice.post("cabinets", {"name": "Second"}).json()
    answer = alice.post(
        f"cabinets/{other['id']}/folders", {"name": "A", "parent_id": str(people.root_folder.pk)}
    )
    assert answer.status_code == 403


def test_grants_are_replaced_as_a_whole(people, alice):
    department_create(by=None, name="财务部")
    wanted = [
        {"subject": "user:alice", "role": "manager", "download": True},
        {"subject": "department:财务部", "role": "contributor", "download": True},
        {"subject": "everyone", "role": "viewer", "download": False},
    ]
    address = f"cabinets/{people.cabinet.pk}/grants"
    assert alice.put(address, wanted).status_code == 200
    assert sorted(alice.get(address).json(), key=str) == sorted(wanted, key=str)
    assert Api(people.charlie).get(f"cabinets/{people.cabinet.pk}").json()["role"] == "viewer"


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([], 409),
        ([{"subject": "user:alice", "role": "viewer"}], 409),
        ([{"subject": "user:nobody", "role": "manager"}], 422),
        ([{"subject": "user:", "role": "manager"}], 422),
        ([{"subject": "department:None", "role": "manager"}], 422),
        ([{"subject": "alice", "role": "manager"}], 422),
        ([{"subject": "everyone:x", "role": "manager"}], 422),
        ([{"subject": "user:alice", "role": "owner"}], 422),
        ([{"subject": "user:alice", "role": "manager"}] * 2, 422),
        ([{"subject": "user:alice", "role": "manager"}] * 1001, 413),
        ({"subject": "user:alice"}, 422),
    ],
)
def test_grants_that_make_no_sense_change_nothing(people, alice, entries, status):
    before = list(Grant.objects.order_by("pk").values())
    assert alice.put(f"cabinets/{people.cabinet.pk}/grants", entries).status_code == status
    assert list(Grant.objects.order_by("pk").values()) == before


def test_a_deactivated_person_cannot_be_granted_anything(people, alice):
    people.charlie.is_active = False
    people.charlie.save()
    wanted = [{"subject": "user:alice", "role": "manager"}, {"subject": "user:charlie", "role": "viewer"}]
    assert alice.put(f"cabinets/{people.cabinet.pk}/grants", wanted).status_code == 422


def test_grants_on_a_folder_stand_beside_those_on_its_cabinet(people, alice):
    folder = alice.post(f"cabinets/{people.cabinet.pk}/folders", {"name": "A"}).json()
    before = alice.get(f"cabinets/{people.cabinet.pk}/grants").json()
    address = f"folders/{folder['id']}/grants"
    assert alice.put(address, [{"subject": "user:charlie", "role": "contributor"}]).status_code == 200
    shown = [{"subject": "user:charlie", "role": "contributor", "download": True}]
    assert alice.get(address).json() == shown
    assert alice.get(f"cabinets/{people.cabinet.pk}/grants").json() == before
    charlie = Api(people.charlie)
    shown = charlie.get(f"cabinets/{people.cabinet.pk}/folders").json()["items"]
    assert [item["path"] for item in shown] == ["A"]
    assert charlie.upload(("a.txt", "text"), folder_id=folder["id"]).status_code == 202
    assert charlie.upload(("a.txt", "text"), cabinet_id=people.cabinet.pk).status_code == 404
    assert alice.put(address, []).status_code == 200
    assert charlie.get(f"cabinets/{people.cabinet.pk}").status_code == 404


def test_what_is_not_there_and_what_is_not_mine_look_the_same(people):
    charlie = Api(people.charlie)
    answers = [charlie.get(f"cabinets/{key}") for key in (people.cabinet.pk, uuid.uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    first, second = (answer.json() | {"request_id": ""} for answer in answers)
    assert first == second
