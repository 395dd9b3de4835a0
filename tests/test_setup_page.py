"""The set-up page: the first administrator by the code of the server, and closed for good afterwards."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client

from apps.accounts import first_run
from apps.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def send(client: Client, **told: str):
    body = {"username": "chief", "password": PASSWORD, "again": PASSWORD, **told}
    return client.post("/setup/", body, HTTP_ACCEPT_LANGUAGE="en")


def test_the_code_makes_the_first_administrator_and_closes_the_page(client):
    code = first_run.setup_code()
    assert send(client, code=code)["Location"] == "/"
    chief = User.objects.get()
    assert (chief.username, chief.is_superuser) == ("chief", True)
    assert client.get("/api/v1/me").json()["username"] == "chief"
    assert client.get("/setup/").status_code == 404
    assert send(Client(), code=code, username="second").status_code == 404
    assert first_run.setup_code() is None
    assert User.objects.count() == 1


@pytest.mark.parametrize("code", ["", "x", "ä" * 30])
def test_without_the_code_nobody_is_made(client, code):
    first_run.setup_code()
    assert b"not the code" in send(client, code=code).content
    assert not User.objects.exists()


def test_what_is_wrong_is_said_and_the_code_stays(client):
    code = first_run.setup_code()
    for told in ({"password": "short", "again": "short"}, {"again": "other"}, {"username": ""}):
        answer = send(client, code=code, **told)
        assert (answer.status_code, b'role="alert"' in answer.content) == (200, True)
    assert first_run.setup_code() == code
    assert not User.objects.exists()


def test_guessing_the_code_is_slowed(client, settings):
    settings.LOGIN_ATTEMPTS = 2
    code = first_run.setup_code()
    for _time in range(2):
        send(client, code="x")
    refused = send(client, code=code)
    assert refused.status_code == 429
    assert refused["Retry-After"]


def test_the_code_is_private_and_the_command_prints_it(capsys, data_dir):
    call_command("first_run", "--page")
    printed = capsys.readouterr().out.strip()
    assert printed == f"/setup/?code={first_run.setup_code()}"
    assert (data_dir / "secrets" / "setup-code").stat().st_mode & 0o077 == 0


def test_where_somebody_administers_the_page_was_never_there(people, client, capsys):
    assert client.get("/setup/").status_code == 404
    assert b"/setup/" not in client.get("/login/").content
    call_command("first_run", "--page")
    assert "administrator already" in capsys.readouterr().out


def test_the_sign_in_page_leads_there_until_then(client):
    assert b'href="/setup/"' in client.get("/login/").content
