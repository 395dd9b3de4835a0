"""The second step of signing in: codes of an authenticator, recovery codes, and what cannot go round them."""

from __future__ import annotations

import re
import time

import pyotp
import pytest
from django.test import Client

from apps.accounts import two_step
from apps.accounts.models import AuditEvent, RecoveryCode, TwoStep
from apps.core.secrets import decrypt
from tests.factories import PASSWORD, Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """Now, for the codes: the test moves it."""
    now = [float(int(time.time()))]
    monkeypatch.setattr(two_step.time, "time", lambda: now[0])
    return now


@pytest.fixture
def browser(people) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(people.alice)
    return client


@pytest.fixture
def codes(people, browser, clock) -> list[str]:
    """Alice has it on; her recovery codes. The browser is signed in."""
    browser.get("/profile/security/two-step/")
    page = browser.post("/profile/security/two-step/", {"code": code_of(people.alice, clock)})
    clock[0] += 60
    return re.findall(r"<li><code>(.+?)</code>", page.content.decode())


def code_of(user, clock: list[float]) -> str:
    return pyotp.TOTP(decrypt(TwoStep.objects.get(user=user).secret)).at(int(clock[0]))


def sign_in(client: Client, **more: str):
    return client.post("/login/", {"username": "alice", "password": PASSWORD, **more})


def is_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


def test_it_is_on_after_the_first_right_code_only(people, browser, clock):
    page = browser.get("/profile/security/two-step/").content.decode()
    assert "data:image/svg+xml;base64," in page
    assert decrypt(TwoStep.objects.get().secret) in page
    assert "not right" in browser.post("/profile/security/two-step/", {"code": "000000"}).content.decode()
    assert not two_step.is_on(people.alice)
    assert sign_in(Client())["Location"] == "/"


def test_the_secret_is_kept_encrypted_and_recovery_codes_as_hashes(people, codes):
    assert len(codes) == len(set(codes)) == 10
    kept = str(list(TwoStep.objects.values())) + str(list(RecoveryCode.objects.values()))
    assert decrypt(TwoStep.objects.get().secret) not in kept
    assert not any(code in kept for code in codes)


def test_the_password_alone_opens_nothing(people, codes):
    client = Client()
    assert sign_in(client, next="/cabinets/")["Location"] == "/login/code/"
    assert not is_in(client)
    assert client.get("/cabinets/").status_code == 302
    assert client.post("/django-admin/login/", {"username": "alice", "password": PASSWORD}).status_code == 302
    assert not is_in(client)


def test_password_and_code_open_the_page_that_was_asked_for(people, codes, clock):
    client = Client()
    sign_in(client, next="/cabinets/")
    answer = client.post("/login/code/", {"code": f" {code_of(people.alice, clock)} "})
    assert answer["Location"] == "/cabinets/"
    assert is_in(client)


def test_a_code_is_taken_once(people, codes, clock):
    code = code_of(people.alice, clock)
    outcomes = []
    for _time in range(2):
        client = Client()
        sign_in(client)
        client.post("/login/code/", {"code": code})
        outcomes.append(is_in(client))
    assert outcomes == [True, False]


def test_a_code_of_a_minute_ago_is_not_taken(people, codes, clock):
    old = code_of(people.alice, clock)
    clock[0] += 90
    client = Client()
    sign_in(client)
    client.post("/login/code/", {"code": old})
    assert not is_in(client)


def test_a_recovery_code_signs_in_once_however_it_is_typed(people, codes):
    outcomes = []
    for typed in (codes[0].upper().replace("-", " "), codes[0], codes[1]):
        client = Client()
        sign_in(client)
        client.post("/login/code/", {"code": typed})
        outcomes.append(is_in(client))
    assert outcomes == [True, False, True]
    assert two_step.codes_left(people.alice) == 8
    assert AuditEvent.objects.filter(action="two_step.recovery").count() == 2


def test_guessing_codes_is_slowed(people, codes, settings, clock):
    settings.LOGIN_ATTEMPTS = 3
    client = Client()
    sign_in(client)
    for number in range(3):
        assert client.post("/login/code/", {"code": f"00000{number}"}).status_code == 200
    refused = client.post("/login/code/", {"code": code_of(people.alice, clock)})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_what_waits_for_a_code_ends_with_the_password_and_the_person(people, codes, clock):
    waiting = [Client(), Client()]
    for client in waiting:
        sign_in(client)
    people.alice.set_password("another long password")
    people.alice.save()
    waiting[0].post("/login/code/", {"code": code_of(people.alice, clock)})
    assert not is_in(waiting[0])
    people.alice.is_active = False
    people.alice.save()
    assert waiting[1].post("/login/code/", {"code": codes[0]})["Location"] == "/login/"


def test_without_a_password_there_is_no_page_for_codes(client):
    assert client.get("/login/code/")["Location"] == "/login/"
    assert client.post("/login/code/", {"code": "123456"})["Location"] == "/login/"


def test_turning_it_off_needs_a_code(people, codes, browser, clock):
    page = browser.post("/profile/security/two-step/change/", {"what": "off", "code": "000000"})
    assert b"not right" in page.content
    assert two_step.is_on(people.alice)
    browser.post("/profile/security/two-step/change/", {"what": "off", "code": code_of(people.alice, clock)})
    assert not two_step.is_on(people.alice)
    assert not RecoveryCode.objects.exists()


def test_new_recovery_codes_end_the_old_ones(people, codes, browser):
    page = browser.post(
        "/profile/security/two-step/change/", {"what": "codes", "code": codes[0]}
    ).content.decode()
    renewed = re.findall(r"<li><code>(.+?)</code>", page)
    assert len(renewed) == 10
    assert not two_step.check(people.alice, codes[1])
    assert two_step.check(people.alice, renewed[1])


def test_an_administrator_turns_it_off_for_who_lost_everything(people, codes):
    assert Api(people.root, "admin").delete(f"users/{people.alice.pk}/two-step").status_code == 204
    assert not two_step.is_on(people.alice)
    assert AuditEvent.objects.filter(action="two_step.off", actor=people.root).exists()
