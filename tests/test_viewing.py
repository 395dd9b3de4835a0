"""Looking with an employee's eyes, who can see a document and why, and who opened it."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from apps.accounts.departments import department_ensure, group_create, group_update
from apps.accounts.models import AuditEvent, User
from apps.cabinets import access
from apps.cabinets.explaining import explained, readers_of, rule_of
from apps.cabinets.models import Document
from apps.cabinets.services.documents import document_classify
from apps.cabinets.services.folders import folder_ensure_path
from apps.cabinets.services.grants import folder_set_inherits, grants_set
from tests.factories import Api, People, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(people: People, hints) -> Document:
    folder = folder_ensure_path(by=people.alice, root=people.root_folder, path="a/b")
    return upload(people.alice, folder, "rules.txt", "Ask before you buy.")


def browser(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


class TestViewAs:
    @pytest.fixture
    def viewing(self, people, document) -> Client:
        client = browser(people.root)
        assert client.post(f"/people/{people.bob.pk}/view/").headers["Location"] == "/cabinets/"
        return client

    def test_the_administrator_sees_what_the_employee_sees_under_a_banner(self, people, viewing, document):
        page = viewing.get("/cabinets/")
        assert page.status_code == 200
        assert 'class="viewing"' in page.content.decode()
        assert viewing.get(f"/documents/{document.pk}/").status_code == 200
        grants_set(by=people.alice, cabinet=people.cabinet, entries=[("user:alice", "manager")])
        assert viewing.get(f"/documents/{document.pk}/").status_code == 404

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/api/v1/cabinets"),
            ("PATCH", "/api/v1/cabinets/{cabinet}"),
            ("DELETE", "/api/v1/documents/{document}"),
            ("PUT", "/api/v1/documents/{document}/secrecy"),
            ("POST", "/api/v1/documents"),
            ("POST", "/documents/{document}/"),
            ("POST", "/api/v1/documents/../me"),
            ("GET", "/api/v1/me"),
            ("PATCH", "/api/v1/me"),
            ("GET", "/api/v1/keys"),
            ("GET", "/api/v1/conversations"),
            ("POST", "/api/v1/conversations"),
            ("GET", "/api/v1/users"),
            ("GET", "/api/v1/audit"),
            ("GET", "/profile/"),
            ("GET", "/people/"),
            ("GET", "/opened/"),
            ("POST", "/people/{person}/view/"),
            ("GET", "/django-admin/"),
        ],
    )
    def test_everything_but_reading_is_refused(self, people, viewing, document, method, path):
        before = AuditEvent.objects.count()
        address = path.format(cabinet=people.cabinet.pk, document=document.pk, person=people.alice.pk)
        answer = viewing.generic(method, address, b"{}", content_type="application/json")
        assert answer.status_code == 403
        assert AuditEvent.objects.count() == before

    def test_a_view_that_would_write_is_refused_by_the_connection(
        self, people, viewing, document, monkeypatch
    ):
        from apps.cabinets.views import rights

        def careless(*args, **kwargs):
            with transaction.atomic():
                Document.objects.filter(pk=document.pk).update(title="changed")
            return Document.objects.none()

        monkeypatch.setattr(rights, "activity_of", careless)
        monkeypatch.setattr(rights, "may_see_activity", lambda *args: True)
        assert viewing.get(f"/documents/{document.pk}/activity/").status_code == 403
        document.refresh_from_db()
        assert document.title == "rules"

    def test_what_is_opened_meanwhile_is_the_administrators_doing(self, people, viewing, document):
        viewing.get(f"/documents/{document.pk}/")
        event = AuditEvent.objects.get(action="document.read")
        assert (event.actor, event.detail) == (people.root, {"viewing_as": "bob"})
        assert AuditEvent.objects.filter(action="user.view_as", actor=people.root, target_name="Bob").exists()

    def test_it_ends_by_the_button_and_is_written_down(self, people, viewing):
        assert viewing.post("/view-as/end/").headers["Location"] == "/people/"
        assert viewing.get("/people/").status_code == 200
        assert AuditEvent.objects.filter(action="user.view_as_end", actor=people.root).exists()

    @pytest.mark.parametrize(
        "reason", ["employee deactivated", "employee promoted", "administrator demoted", "hour over"]
    )
    def test_it_ends_when_what_allowed_it_no_longer_holds(self, people, viewing, reason, monkeypatch):
        if reason == "employee deactivated":
            User.objects.filter(pk=people.bob.pk).update(is_active=False)
        elif reason == "employee promoted":
            User.objects.filter(pk=people.bob.pk).update(is_superuser=True)
        elif reason == "administrator demoted":
            User.objects.filter(pk=people.root.pk).update(is_superuser=False)
        else:
            session = viewing.session
            session["view_as"] = {**session["view_as"], "until": 1}
            session.save()
        page = viewing.get("/cabinets/")
        assert page.status_code == 200
        assert 'class="viewing"' not in page.content.decode()
        assert "view_as" not in viewing.session

    def test_only_administrators_may_and_never_as_another_administrator(self, people, document):
        assert browser(people.alice).post(f"/people/{people.bob.pk}/view/").status_code == 403
        other = browser(people.root)
        other.post(f"/people/{people.root.pk}/view/")
        assert "view_as" not in other.session
        assert other.post("/people/00000000-0000-0000-0000-000000000000/view/").status_code == 404


def seers(document: Document) -> set[str]:
    return {user.username for user in readers_of(document)}


def test_who_can_see_it_is_what_the_gate_says_for_everybody(people, document):
    people.charlie.departments.add(department_ensure("Head office/Finance"))
    entries = [("user:alice", "manager"), ("department:Head office", "viewer")]
    steps = [
        lambda: None,
        lambda: grants_set(by=people.alice, cabinet=people.cabinet, entries=entries),
        lambda: grants_set(
            by=people.alice, cabinet=people.cabinet, folder=document.folder, entries=[("user:bob", "viewer")]
        ),
        lambda: folder_set_inherits(document.folder, by=people.alice, inherits=False, keep=False),
        lambda: document_classify(document, by=people.root, secrecy=2),
        lambda: User.objects.filter(pk=people.bob.pk).update(clearance=3),
    ]
    for step in steps:
        step()
        document = Document.objects.select_related("folder", "cabinet").get(pk=document.pk)
        gate = {
            user.username
            for user in User.objects.all()
            if access.visible_documents(user).filter(pk=document.pk).exists()
        }
        assert seers(document) == gate


def test_the_chain_of_grants_names_subject_role_and_place(people, document):
    group_update(group_create(by=None, name="Year book"), by=None, members=[people.charlie])
    grants_set(
        by=people.alice,
        cabinet=people.cabinet,
        folder=document.folder.parent,
        entries=[("group:Year book", "contributor"), ("everyone", "viewer")],
    )
    [charlie] = explained(readers_of(document, query="charlie"), document)
    told = [(reason.subject, reason.role, reason.place) for reason in charlie.reasons]
    assert told == [("group:Year book", "contributor", "a"), ("everyone", "viewer", "a")]
    [root] = explained(readers_of(document, query="root"), document)
    assert root.administrator
    assert rule_of(document).closed_at is None


def test_managers_read_it_as_a_page_and_as_json_and_others_do_not(people, document):
    address = f"/documents/{document.pk}/access/"
    page = browser(people.alice).get(address)
    assert page.status_code == 200
    assert "bob" in page.content.decode()
    assert browser(people.bob).get(address).status_code == 403
    assert browser(people.charlie).get(address).status_code == 404
    told = Api(people.alice).get(f"documents/{document.pk}/access", {"limit": 2}).json()
    assert [item["username"] for item in told["items"]] == ["alice", "bob"]
    assert told["items"][1]["reasons"] == [
        {"subject": "user:bob", "role": "viewer", "download": True, "place": ""}
    ]
    assert told["next_cursor"]


def test_the_owner_sees_who_opened_it_once_a_visit(people, document):
    for _visit in range(3):
        assert browser(people.bob).get(f"/documents/{document.pk}/").status_code == 200
    assert Api(people.bob).get(f"documents/{document.pk}/file").status_code == 200
    opened = browser(people.alice).get("/opened/").content.decode()
    assert opened.count(str(document.pk)) == 2
    assert "bob" in opened
    assert browser(people.bob).get("/opened/").content.decode().count(str(document.pk)) == 0
    told = Api(people.alice).get(f"documents/{document.pk}/activity").json()["items"]
    assert [item["action"] for item in told] == ["document.download", "document.read", "document.upload"]
    assert Api(people.bob).get(f"documents/{document.pk}/activity").status_code == 403
    assert browser(people.alice).get(f"/documents/{document.pk}/activity/").status_code == 200


def test_the_pages_of_administrators_show_content_and_none(people, document):
    root = browser(people.root)
    empty = root.get("/organisation/").content.decode()
    department_ensure("Head office/Finance")
    group_create(by=None, name="Year book")
    full = root.get("/organisation/").content.decode()
    assert "Year book" not in empty
    assert "Head office/Finance" in full
    assert "Year book" in full
    assert root.get("/audit/?q=rules").status_code == 200
    assert root.get("/audit/?since=x&until=99999-01-01&before=x&action=%00").status_code == 200
    assert root.get("/audit/?as=csv")["Content-Type"].startswith("text/csv")
    for path in ("/organisation/", "/audit/"):
        assert browser(people.alice).get(path).status_code == 403
        assert Client().get(path).status_code == 302
