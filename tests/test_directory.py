"""Signing in by a directory and taking people over from it, against a real slapd."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.accounts import tasks
from apps.accounts.ldap import directory, runs, sync
from apps.accounts.models import AuditEvent, DirectoryRun, Group, Identity, User
from config.celery import app
from tests.factories import PASSWORD as OURS
from tests.factories import make_user
from tests.fakes import slapd
from tests.fakes.slapd import BASE, PASSWORD

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not slapd.is_here(), reason="needs Debian's package slapd"),
]
WANG = f"uid=wang,ou=Finance,ou=Head office,{BASE}"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with slapd.served(tmp_path_factory.mktemp("slapd")) as served:
        yield served


@pytest.fixture
def ldap(running, settings):
    settings.LDAP = {
        **settings.LDAP,
        "url": running.url,
        "base": BASE,
        "bind_dn": slapd.SERVICE,
        "bind_password": slapd.SERVICE_PASSWORD,
        "people_filter": "(objectClass=inetOrgPerson)",
        "department": "dn",
        "groups_base": f"ou=Groups,{BASE}",
    }
    return running


def sign_in(name: str, password: str = PASSWORD) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.last = client.post("/login/", {"username": name, "password": password})
    return client


def name_of(client: Client) -> str | None:
    answer = client.get("/api/v1/me")
    return answer.json()["username"] if answer.status_code == 200 else None


def test_a_person_of_the_directory_signs_in_with_groups_and_departments(ldap):
    assert name_of(sign_in("wang")) == "wang"
    user = User.objects.get()
    assert (user.display_name, user.has_usable_password()) == ("Wang Fang", False)
    assert [one.path for one in user.departments.all()] == ["Head office/Finance"]
    assert [one.name for one in user.teams.all()] == ["Auditors"]
    assert name_of(sign_in("wang")) == "wang"
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["wrong", "", " ", "\0", "*", PASSWORD.upper()])
def test_a_wrong_or_empty_password_opens_nothing(ldap, password):
    assert name_of(sign_in("wang", password)) is None
    assert directory.proved("wang", password) is None
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "w*",
        "wang)(uid=*",
        "*)(objectClass=*",
        "wang\0",
        "\\77ang",
        "wang)(|(uid=li",
        "(",
        ")",
        "li,ou=x",
        "&",
        "wang*",
    ],
)
def test_marks_of_a_filter_are_names_like_any_other(ldap, name):
    assert directory.proved(name, PASSWORD) is None
    assert name_of(sign_in(name)) is None


def test_unknown_names_and_wrong_passwords_get_the_same_answer(ldap):
    pages = [sign_in("nobody").last, sign_in("wang", "wrong").last]
    told = {tuple(page.context["form"].non_field_errors()) for page in pages}
    assert told == {("The name or the password is not right.",)}


def test_a_name_that_is_taken_here_is_not_taken_over(ldap, settings):
    make_user("wang", is_administrator=True)
    assert name_of(sign_in("wang")) is None
    assert not Identity.objects.exists()
    settings.LDAP = {**settings.LDAP, "link": True}
    assert name_of(sign_in("wang")) == "wang"


def test_a_directory_that_is_away_is_told_and_local_people_still_sign_in(ldap, settings):
    settings.LDAP = {**settings.LDAP, "url": "ldap://127.0.0.1:9"}
    make_user("local")
    assert b"cannot be reached" in sign_in("wang").last.content
    assert name_of(sign_in("local", "correct horse battery")) == "local"
    with pytest.raises(CommandError, match="cannot be asked"):
        call_command("sync_directory")


def test_a_service_account_that_may_not_bind_lets_nobody_in(ldap, settings):
    settings.LDAP = {**settings.LDAP, "bind_password": "changed"}
    assert name_of(sign_in("wang")) is None


class TestSynchronisation:
    def test_everybody_is_taken_over_once(self, ldap, capsys):
        call_command("sync_directory")
        call_command("sync_directory")
        assert set(User.objects.values_list("username", flat=True)) == {"wang", "li"}
        assert [user.username for user in Group.objects.get(name="Auditors").members.all()] == ["wang"]
        assert "2 people in the directory, 0 new" in capsys.readouterr().out

    def test_names_follow_and_the_account_stays_the_same(self, ldap):
        sync.synchronise()
        before = User.objects.get(username="wang").pk
        ldap.modify(WANG, displayName="王芳")
        sync.synchronise()
        ldap.modify(WANG, displayName="Wang Fang")
        assert User.objects.get(pk=before).display_name == "王芳"

    def test_who_is_gone_is_deactivated_at_once_and_nobody_else(self, ldap):
        local = make_user("local")
        dn = f"uid=chen,ou=Head office,{BASE}"
        ldap.add(dn, ["inetOrgPerson"], uid="chen", cn="Chen", sn="Chen", userPassword=PASSWORD)
        client = sign_in("chen")
        sync.synchronise()
        ldap.delete(dn)
        assert sync.synchronise(dry_run=True).deactivated == ["chen"]
        assert name_of(client) == "chen", "a dry run changes nothing"
        assert sync.synchronise().deactivated == ["chen"]
        assert name_of(client) is None
        local.refresh_from_db()
        assert local.is_active

    def test_a_base_that_finds_nobody_does_not_deactivate_everybody(self, ldap, settings):
        sync.synchronise()
        for number in range(10):
            user = make_user(f"old{number}")
            Identity.objects.create(user=user, issuer=f"ldap:{BASE}", subject=f"gone {number}")
        settings.LDAP = {**settings.LDAP, "people_filter": "(objectClass=device)"}
        with pytest.raises(CommandError, match="12 of 12 people"):
            call_command("sync_directory")
        assert User.objects.filter(is_active=False).count() == 0
        call_command("sync_directory", "--force")
        assert User.objects.filter(is_active=True).count() == 0


class TestSchedule:
    @pytest.fixture
    def hinted(self, monkeypatch) -> list[str]:
        sent: list[str] = []
        monkeypatch.setattr(app, "send_task", lambda task, *keys, **more: sent.append(task))
        return sent

    @staticmethod
    def later(**time: float) -> None:
        """As if the last run lay so far back."""
        DirectoryRun.objects.update(asked_at=timezone.now() - timedelta(**time))

    def test_the_sweep_asks_once_and_then_again_when_its_time_has_come(self, ldap, hinted):
        tasks.sweep()
        tasks.sweep()
        assert (DirectoryRun.objects.count(), len(hinted)) == (1, 2), "the hint is repeated, the run is not"
        tasks.synchronise()
        tasks.synchronise()
        run = DirectoryRun.objects.get()
        assert (run.outcome, run.detail["seen"], run.detail["made"]) == ("done", 2, 2)
        tasks.sweep()
        assert DirectoryRun.objects.count() == 1
        self.later(hours=25)
        tasks.sweep()
        assert DirectoryRun.objects.count() == 2

    def test_without_hours_or_without_a_directory_nothing_is_asked_for(self, ldap, hinted, settings):
        for change in ({"sync_hours": 0}, {"url": ""}):
            settings.LDAP = {**settings.LDAP, **change}
            tasks.sweep()
        assert not DirectoryRun.objects.exists()

    def test_a_directory_that_is_away_is_told_and_tried_again_in_a_quarter_of_an_hour(
        self, ldap, hinted, settings
    ):
        good, settings.LDAP = settings.LDAP, {**settings.LDAP, "url": "ldap://127.0.0.1:9"}
        tasks.sweep()
        tasks.synchronise()
        assert DirectoryRun.objects.get().outcome == "away"
        tasks.sweep()
        assert DirectoryRun.objects.count() == 1
        self.later(minutes=16)
        settings.LDAP = good
        tasks.sweep()
        tasks.synchronise()
        assert DirectoryRun.objects.first().outcome == "done"

    def test_a_worker_that_died_is_noticed_and_another_takes_over(self, ldap, hinted):
        tasks.sweep()
        assert runs.take() is not None
        assert runs.take() is None, "of two workers one has it"
        DirectoryRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        self.later(minutes=16)
        tasks.sweep()
        tasks.synchronise()
        assert [run.outcome for run in DirectoryRun.objects.all()] == ["done", "cut_off"]

    def test_an_administrator_asks_and_reads_the_result_in_plain_words(self, ldap, hinted, settings):
        root = make_user("root", is_administrator=True)
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.post("/login/", {"username": "root", "password": OURS})
        client.post("/people/sign-in/directory/")
        assert AuditEvent.objects.filter(action="directory.sync", actor=root).exists()
        assert b"Waiting for a worker" in client.get("/people/sign-in/").content
        tasks.synchronise()
        assert b"2 people there, 2 new, 0 deactivated" in client.get("/people/sign-in/").content
        for number in range(10):
            Identity.objects.create(
                user=make_user(f"old{number}"), issuer=f"ldap:{BASE}", subject=f"gone {number}"
            )
        client.post("/people/sign-in/directory/")
        tasks.synchronise()
        for path in ("/people/sign-in/", "/people/"):
            assert b"10 of 12 people would have been deactivated" in client.get(path).content
        assert User.objects.filter(is_active=False).count() == 0

    def test_nobody_else_asks_and_nothing_is_there_without_a_directory(self, ldap, settings):
        make_user("local")
        make_user("root", is_administrator=True)
        for name, status in (("local", 403), ("root", 404)):
            client = sign_in(name, OURS)
            settings.LDAP = {**settings.LDAP, "url": "" if name == "root" else settings.LDAP["url"]}
            assert client.post("/people/sign-in/directory/").status_code == status
        assert not DirectoryRun.objects.exists()
