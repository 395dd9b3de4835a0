"""Signing in and out: what is answered, what is not told, and the brake on guessing."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_user("alice")


def attempt(client: Client, name: str, password: str, **extra):
    return client.post(
        "/login/", {"username": name, "password": password, **extra}, HTTP_ACCEPT_LANGUAGE="en"
    )


def test_the_right_password_opens_the_page_that_was_asked_for(client, alice):
    answer = attempt(client, "alice", PASSWORD, next="/cabinets/?page=1")
    assert (answer.status_code, answer["Location"]) == (302, "/cabinets/?page=1")
    assert client.get("/cabinets/").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)", "\\\\evil.example"]
)
def test_another_site_is_never_the_next_page(client, alice, target):
    assert attempt(client, "alice", PASSWORD, next=target)["Location"] == "/"


def test_unknown_names_wrong_passwords_and_deactivated_people_get_the_same_answer(client, alice):
    gone = make_user("gone")
    gone.is_active = False
    gone.save()
    sentences = set()
    for name, password in (("nobody", PASSWORD), ("alice", "wrong"), ("gone", PASSWORD)):
        answer = attempt(client, name, password)
        assert answer.status_code == 200
        sentences.add(tuple(answer.context["form"].non_field_errors()))
    assert sentences == {("The name or the password is not right.",)}


def test_too_many_failures_for_a_name_are_refused_from_any_address(client, alice, settings):
    settings.LOGIN_ATTEMPTS = 3
    for number in range(3):
        client.post("/login/", {"username": "alice", "password": "x"}, REMOTE_ADDR=f"10.0.0.{number}")
    answer = client.post(
        "/login/",
        {"username": "ALICE ", "password": PASSWORD},
        REMOTE_ADDR="10.0.0.9",
        HTTP_ACCEPT_LANGUAGE="en",
    )
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 900
    assert b"Too many attempts" in answer.content


def test_too_many_failures_from_an_address_are_refused_for_any_name(client, alice, settings):
    settings.LOGIN_ATTEMPTS = 3
    for number in range(3):
        attempt(client, f"guess{number}", "x")
    assert attempt(client, "alice", PASSWORD).status_code == 429


def test_a_success_forgets_the_failures_of_the_name(client, alice, settings):
    settings.LOGIN_ATTEMPTS = 3
    for _round in range(2):
        for number in range(2):
            client.post("/login/", {"username": "alice", "password": "x"}, REMOTE_ADDR=f"10.0.{number}.1")
        answer = client.post("/login/", {"username": "alice", "password": PASSWORD}, REMOTE_ADDR="10.1.1.1")
        assert answer.status_code == 302
        client.post("/logout/")


def test_the_address_behind_a_proxy_is_the_one_that_the_proxy_wrote(client, alice, settings):
    settings.LOGIN_ATTEMPTS = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client.post("/login/", {"username": "one", "password": "x"}, HTTP_X_FORWARDED_FOR="1.1.1.1, 9.9.9.9")
    answer = client.post(
        "/login/", {"username": "two", "password": "x"}, HTTP_X_FORWARDED_FOR="2.2.2.2, 9.9.9.9"
    )
    assert answer.status_code == 429  # a made-up first entry does not make a new caller


def test_the_profile_decides_the_language_after_signing_in(client, alice):
    alice.language = "en"
    alice.save()
    attempt(client, "alice", PASSWORD)
    assert client.cookies["askive_language"].value == "en"


def test_signing_in_needs_the_token_of_the_form(alice):
    strict = Client(enforce_csrf_checks=True)
    assert attempt(strict, "alice", PASSWORD).status_code == 403


def test_signing_out_is_a_post_and_ends_the_session(client, alice):
    client.force_login(alice)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/cabinets/").status_code == 302


def test_who_is_signed_in_is_sent_on(client, alice):
    client.force_login(alice)
    assert client.get("/login/?next=/search/")["Location"] == "/search/"
