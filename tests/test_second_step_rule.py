"""A compulsory second step: for whom it holds, where it leads, and what cannot go round it."""

from __future__ import annotations

import re
import time

import pyotp
import pytest
from django.test import Client

from apps.accounts import second_step, two_step
from apps.accounts.entering import proceed
from apps.accounts.models import AuditEvent, Device, TwoStep, User
from apps.core.secrets import decrypt
from tests.factories import PASSWORD, Api

pytestmark = pytest.mark.django_db
PAGE = "/profile/security/two-step/"


def ruled(people, whom: str = "everybody", **more) -> None:
    second_step.rule_set(by=people.root, whom=whom, providers_too=more.get("providers_too", False))


def signed_in(name: str) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.post("/login/", {"username": name, "password": PASSWORD})
    return client


def set_up(client: Client, user: User, query: str = ""):
    client.get(PAGE)
    code = pyotp.TOTP(decrypt(TwoStep.objects.get(user=user).secret)).at(int(time.time()))
    return client.post(f"{PAGE}{query}", {"code": code})


def test_who_has_none_is_led_to_it_and_then_to_the_page_that_was_asked_for(people):
    ruled(people)
    client = signed_in("alice")
    led = client.get("/cabinets/?x=1")
    assert led["Location"] == f"{PAGE}?next=%2Fcabinets%2F%3Fx%3D1"
    assert b"Your organisation asks" in client.get(led["Location"]).content
    page = set_up(client, people.alice, "?next=/cabinets/").content.decode()
    assert len(re.findall(r"<li><code>", page)) == 10
    assert 'href="/cabinets/"' in page
    assert client.get("/cabinets/").status_code == 200


def test_nothing_else_is_reached_meanwhile_on_any_road(people):
    ruled(people)
    client = signed_in("root")
    for path in ("/", "/profile/", "/people/", "/django-admin/", "/audit/?as=csv", "/health/"):
        assert client.get(path)["Location"].startswith(PAGE), path
    for method, path in (
        ("GET", "me"),
        ("POST", "keys"),
        ("GET", "audit.csv"),
        ("POST", "search"),
        ("GET", "openapi.json"),
    ):
        answer = client.generic(method, f"/api/v1/{path}", b"{}", content_type="application/json")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:askive:problem:second_step"), path
    assert client.post(f"/people/{people.bob.pk}/view/")["Location"] == PAGE
    part = client.get("/cabinets/", HTTP_HX_REQUEST="true")
    assert (part.status_code, part["HX-Redirect"]) == (403, f"{PAGE}?next=%2Fcabinets%2F")
    assert client.post("/logout/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_it_holds_at_once_for_sessions_that_are_there_already(people):
    client = signed_in("alice")
    assert client.get("/cabinets/").status_code == 200
    ruled(people)
    assert client.get("/cabinets/").status_code == 302
    ruled(people, "")
    assert client.get("/cabinets/").status_code == 200


def test_for_administrators_alone_and_for_who_becomes_one(people):
    ruled(people, "administrators")
    alice = signed_in("alice")
    assert alice.get("/cabinets/").status_code == 200
    assert signed_in("root").get("/cabinets/").status_code == 302
    User.objects.filter(pk=people.alice.pk).update(is_superuser=True)
    assert alice.get("/cabinets/").status_code == 302


def test_keys_of_people_without_one_go_on_working(people):
    ruled(people)
    assert Api(people.alice).get("me").status_code == 200


def test_who_has_one_passes_and_cannot_turn_it_off(people):
    client = signed_in("alice")
    set_up(client, people.alice)
    ruled(people)
    assert client.get("/cabinets/").status_code == 200
    assert 'value="off"' not in client.get("/profile/security/").content.decode()
    code = two_step.renew_codes(people.alice)[0]
    client.post("/profile/security/two-step/change/", {"what": "off", "code": code})
    assert two_step.is_on(people.alice)


def test_an_administrator_who_turns_it_off_for_somebody_ends_their_sessions(people):
    client = signed_in("alice")
    set_up(client, people.alice)
    ruled(people)
    two_step.turn_off(people.alice, by=people.root)
    assert client.get("/api/v1/me").status_code == 401
    assert not Device.objects.filter(user=people.alice).exists()
    assert signed_in("alice").get("/cabinets/").status_code == 302


def test_a_provider_stands_for_it_unless_it_is_said_otherwise(people, rf):
    client = Client()
    request = rf.get("/login/oidc/back/")
    request.session = client.session
    proceed(request, people.alice, "/", by_provider=True)
    request.session.save()
    client.cookies["askive_session"] = request.session.session_key
    ruled(people)
    assert client.get("/cabinets/").status_code == 200
    ruled(people, providers_too=True)
    assert client.get("/cabinets/").status_code == 302


class TestPage:
    def test_it_changes_the_rule_and_says_so_in_the_trail(self, people):
        client = signed_in("root")
        page = client.get("/people/sign-in/").content.decode()
        assert "0 of 1 have one" in page
        assert "Alice" in page
        assert (
            client.post("/people/sign-in/", {"whom": "administrators", "providers_too": "on"}).status_code
            == 302
        )
        assert second_step.rule() == second_step.Rule("administrators", True)
        event = AuditEvent.objects.get(action="sign_in.rule")
        assert (event.actor, event.detail["second_step"]) == (people.root, "administrators")
        assert client.get("/people/sign-in/")["Location"].startswith(PAGE), "the administrator first"

    @pytest.mark.parametrize("told", [{}, {"whom": "nobody"}, {"whom": "x" * 5000}])
    def test_what_is_no_choice_changes_nothing(self, people, told):
        client = signed_in("root")
        client.post("/people/sign-in/", told)
        assert not second_step.rule().whom
        assert not AuditEvent.objects.filter(action="sign_in.rule").exists()

    def test_only_administrators_reach_it(self, people):
        assert signed_in("alice").get("/people/sign-in/").status_code == 403
        assert signed_in("alice").post("/people/sign-in/", {"whom": ""}).status_code == 403
        assert Client().get("/people/sign-in/").status_code == 302
