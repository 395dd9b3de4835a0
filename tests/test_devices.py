"""Devices that are signed in: listed for their owner, ended from afar, all of them gone when they must be."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts import devices
from apps.accounts.models import Device
from apps.accounts.services import user_set_active, user_set_password
from tests.factories import PASSWORD, Api

pytestmark = pytest.mark.django_db
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/126 Safari/537 Edg/126"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604 MicroMessenger/8"


def signed_in(name: str = "alice", *, agent: str = EDGE, address: str = "10.0.0.1") -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en", HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    client.post("/login/", {"username": name, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


def test_each_sign_in_is_listed_with_what_it_is(people):
    signed_in(agent=PHONE, address="10.0.0.2")
    page = signed_in().get("/profile/security/").content.decode()
    for told in ("Edge · Windows", "WeChat · iPhone", "10.0.0.1", "10.0.0.2", "This one"):
        assert told in page


def test_another_device_is_signed_out_from_its_next_request_on(people):
    here, there = signed_in(), signed_in(agent=PHONE)
    row = Device.objects.get(agent=PHONE)
    assert here.post(f"/profile/security/devices/{row.pk}/end/").status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert not Device.objects.filter(pk=row.pk).exists()


def test_all_others_are_signed_out_at_once(people):
    here, others = signed_in(), [signed_in() for _number in range(2)]
    here.post("/profile/security/devices/end/")
    assert [is_in(client) for client in (here, *others)] == [True, False, False]


def test_nobody_ends_anothers_device(people):
    alice, bob = signed_in("alice"), signed_in("bob")
    row = Device.objects.get(user=people.alice)
    bob.post(f"/profile/security/devices/{row.pk}/end/")
    assert is_in(alice)
    assert "10.0.0.1" not in Client().get("/profile/security/").content.decode()


def test_ones_own_new_password_keeps_this_device_and_ends_the_others(people):
    here, there = signed_in(), signed_in()
    body = {"old_password": PASSWORD, "new_password": "another long password"}
    assert here.patch("/api/v1/me", body, content_type="application/json").status_code == 200
    assert (is_in(here), is_in(there)) == (True, False)
    (left,) = devices.devices_of(people.alice)
    assert left.session_key == here.session.session_key


def test_deactivation_and_a_set_password_end_every_session(people):
    for act in (
        lambda: user_set_password(by=people.root, user=people.alice, password="one more long password"),
        lambda: user_set_active(by=people.root, user=people.bob, active=False),
    ):
        clients = [signed_in("alice"), signed_in("bob")]
        act()
        assert not all(is_in(client) for client in clients)
        people.alice.set_password(PASSWORD)
        people.alice.save()
    assert not Device.objects.filter(user=people.bob).exists()
    user_set_active(by=people.root, user=people.bob, active=True)
    assert not is_in(clients[1]), "an old session does not come back with the person"


def test_signing_out_takes_the_device_off_the_list(people):
    client = signed_in()
    client.post("/logout/")
    assert not Device.objects.exists()


def test_a_device_is_noted_as_seen_each_ten_minutes_and_not_more_often(people, monkeypatch):
    client = signed_in()
    first = Device.objects.get().seen_at
    is_in(client)
    assert Device.objects.get().seen_at == first
    now = devices.time.time()
    monkeypatch.setattr(devices.time, "time", lambda: now + devices.SEEN_SECONDS + 1)
    is_in(client)
    assert Device.objects.get().seen_at > first


def test_signing_in_changes_the_session_key(people):
    client = Client()
    client.get("/login/")
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies["askive_session"] = session.session_key
    client.post("/login/", {"username": "alice", "password": PASSWORD})
    assert client.session.session_key != session.session_key


class TestRest:
    def test_the_devices_are_listed_with_the_one_that_asks(self, people):
        signed_in(agent=PHONE, address="10.0.0.2")
        rows = signed_in().get("/api/v1/me/devices").json()
        assert {(row["name"], row["address"], row["here"]) for row in rows} == {
            ("Edge · Windows", "10.0.0.1", True),
            ("WeChat · iPhone", "10.0.0.2", False),
        }

    def test_one_is_signed_out_and_then_all_others(self, people):
        here, *others = [signed_in() for _number in range(4)]
        rows = here.get("/api/v1/me/devices").json()
        mine = next(row["id"] for row in rows if row["here"])
        other = str(Device.objects.get(session_key=others[0].session.session_key).pk)
        assert here.delete(f"/api/v1/me/devices/{other}").status_code == 204
        assert [is_in(client) for client in others] == [False, True, True]
        assert here.delete(f"/api/v1/me/devices/{other}").status_code == 404
        assert here.delete(f"/api/v1/me/devices/{mine}").status_code == 409
        assert here.delete("/api/v1/me/devices").json() == {"ended": 2}
        assert [is_in(client) for client in (here, *others)] == [True, False, False, False]

    def test_anothers_device_is_not_there_and_a_key_sees_none(self, people):
        alice, bob = signed_in("alice"), signed_in("bob")
        row = Device.objects.get(user=people.alice)
        assert bob.delete(f"/api/v1/me/devices/{row.pk}").status_code == 404
        assert is_in(alice)
        assert Api(people.alice).get("me/devices").status_code == 403

    def test_it_needs_the_csrf_token(self, people):
        client = Client(enforce_csrf_checks=True)
        client.force_login(people.alice)
        assert client.delete("/api/v1/me/devices").status_code == 403
