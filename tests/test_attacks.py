"""What an attacker tries first, each with the request and the safe result: nothing changes, nothing is told."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.cabinets.models import Document, Folder, Grant
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.folders import folder_create
from tests.factories import PASSWORD, Api, People, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def foreign(people: People, hints) -> Document:
    """A document that charlie alone may see."""
    cabinet = cabinet_create(by=people.charlie, name="Of Charlie")
    return upload(people.charlie, cabinet.folders.get(), "secret.txt", "the salaries")


def browser(user: User, **options) -> Client:
    client = Client(raise_request_exception=False, **options)
    client.force_login(user)
    return client


class TestPrivilegesInJson:
    """What gives a right is read strictly, and nobody gives it to themselves."""

    @pytest.mark.parametrize(
        "body",
        [
            {"is_administrator": "true"},
            {"is_administrator": 1},
            {"is_administrator": ["true"]},
            {"is_active": "false"},
            {"clearance": "3"},
            {"clearance": 3.5},
            {"clearance": True},
            {"clearance": 4},
            {"clearance": -1},
        ],
    )
    def test_a_right_as_text_or_out_of_range_is_refused(self, people, body):
        assert Api(people.root, "admin").patch(f"users/{people.bob.pk}", body).status_code == 422
        bob = User.objects.get(pk=people.bob.pk)
        assert (bob.is_superuser, bob.is_active, bob.clearance) == (False, True, 1)

    @pytest.mark.parametrize(
        "entry",
        [
            {"role": "MANAGER"},
            {"role": ["manager"]},
            {"role": "manager", "subject": {"user": "bob"}},
            {"role": "viewer", "download": "true"},
            {"role": "viewer", "download": 1},
            {"role": "viewer", "subject": "user:"},
            {"role": "viewer", "subject": "everyone "},
            {"role": "viewer", "subject": "user:bob\u0000"},
            {"role": "viewer", "subject": "group:*"},
            {"role": "viewer", "subject": "department:%"},
        ],
    )
    def test_a_grant_that_is_not_exact_changes_nothing(self, people, entry):
        before = list(Grant.objects.values_list("pk", flat=True))
        wanted = [{"subject": "user:alice", "role": "manager"}, {"subject": "user:bob", **entry}]
        assert Api(people.alice).put(f"cabinets/{people.cabinet.pk}/grants", wanted).status_code == 422
        assert list(Grant.objects.values_list("pk", flat=True)) == before

    def test_fields_that_are_not_offered_are_not_taken(self, people):
        client = browser(people.bob)
        body = {
            "theme": "dark",
            "is_superuser": True,
            "is_administrator": True,
            "clearance": 3,
            "departments": ["X"],
        }
        client.patch("/api/v1/me", body, content_type="application/json")
        bob = User.objects.get(pk=people.bob.pk)
        assert (bob.is_superuser, bob.is_staff, bob.clearance) == (False, False, 1)

    def test_a_key_of_an_employee_never_administers(self, people):
        for scopes in (["admin"], ["impersonate"], ["chat", "admin"]):
            answer = browser(people.bob).post(
                "/api/v1/keys", {"scopes": scopes}, content_type="application/json"
            )
            assert answer.status_code == 403

    @pytest.mark.parametrize("secrecy", ["0", 0.0, True, None, 9, [0]])
    def test_the_level_of_a_document_is_a_number_and_nothing_like_it(self, people, hints, secrecy):
        document = upload(people.alice, people.root_folder, "a.txt", "a")
        answer = Api(people.alice).put(f"documents/{document.pk}/secrecy", {"secrecy": secrecy})
        assert answer.status_code == 422


class TestIdsOfOthers:
    def test_in_a_path_in_every_form_it_is_not_there(self, people, foreign):
        alice, key = Api(people.alice), foreign.pk
        forms = [
            str(key), str(key).upper(), key.hex, f"{{{key}}}", f"urn:uuid:{key}", str(key.int), f"{key}%00",
            f"{key}%20", f"{key};", f"{key}.json", f"./{key}", f"x/../{key}", f"{uuid4()},{key}", f"-{key}",
        ]  # fmt: skip
        for form in forms:
            for place in ("documents/{}", "documents/{}/file", "documents/{}/access", "documents/{}/chunks"):
                answer = alice.get(place.format(form))
                assert answer.status_code in (404, 405), (place, form)
                assert b"secret" not in answer.content

    @pytest.mark.parametrize(
        "form", [str, lambda key: key.hex, lambda key: f"urn:uuid:{key}", lambda key: f"{{{key}}}"]
    )
    def test_in_queries_and_bodies_in_every_form_it_is_not_there(self, people, foreign, form):
        alice = Api(people.alice)
        own = upload(people.alice, people.root_folder, "own.txt", "own")
        cabinet, folder = form(foreign.cabinet_id), form(foreign.folder_id)
        assert alice.get("documents", {"cabinet_id": cabinet}).status_code == 404
        assert alice.get("documents", {"folder_id": folder}).status_code == 404
        assert alice.get("documents", {"parent_id": form(foreign.pk)}).status_code == 404
        assert alice.patch(f"documents/{own.pk}", {"folder_id": folder}).status_code == 404
        assert alice.upload(("a.txt", "a"), cabinet_id=cabinet).status_code == 404
        assert alice.post("conversations", {"cabinet_ids": [cabinet]}).status_code == 404
        made = folder_create(by=people.alice, parent=people.root_folder, name="mine")
        assert alice.patch(f"folders/{made.pk}", {"parent_id": folder}).status_code == 404
        assert alice.post(
            f"cabinets/{people.cabinet.pk}/folders", {"name": "x", "parent_id": folder}
        ).status_code in (403, 404)
        assert Document.objects.get(pk=own.pk).folder_id == people.root_folder.pk

    def test_absent_and_not_mine_answer_alike(self, people, foreign):
        alice = Api(people.alice)

        def told(key: UUID) -> tuple[int, str]:
            answer = alice.get(f"documents/{key}")
            return answer.status_code, answer.json()["detail"]

        assert told(foreign.pk) == told(uuid4())

    @pytest.mark.parametrize("ids", [[], ["x"], [None], [1], "all", {"$ne": 1}, ["*"], [["a"]]])
    def test_lists_that_are_none_name_nothing(self, people, foreign, ids):
        answer = Api(people.alice).post("conversations", {"cabinet_ids": ids})
        assert answer.status_code == 422 or (ids == [] and answer.status_code == 201)

    def test_a_list_without_end_is_refused(self, people):
        alice = Api(people.alice)
        many = [str(uuid4()) for _number in range(60_000)]
        assert alice.post("conversations", {"cabinet_ids": many}).status_code in (413, 422)
        grants = [{"subject": f"user:u{number}", "role": "viewer"} for number in range(1001)]
        assert alice.put(f"cabinets/{people.cabinet.pk}/grants", grants).status_code in (413, 422)

    def test_a_folder_manager_rules_the_folder_and_nothing_above(self, people, hints):
        inner = folder_create(by=people.alice, parent=people.root_folder, name="inner")
        Grant.objects.create(cabinet=people.cabinet, folder=inner, user=people.bob, role="manager")
        bob, mine = Api(people.bob), [{"subject": "user:bob", "role": "manager"}]
        assert bob.put(f"folders/{inner.pk}/grants", mine).status_code == 200
        for place in (f"cabinets/{people.cabinet.pk}/grants", f"folders/{people.root_folder.pk}/grants"):
            assert bob.put(place, mine).status_code == 403
        assert bob.patch(f"folders/{inner.pk}", {"parent_id": str(people.root_folder.pk)}).status_code == 403
        assert Folder.objects.get(pk=inner.pk).parent_id == people.root_folder.pk


class TestForgedHeaders:
    @pytest.mark.parametrize(
        "host", ["evil.example", "kb.example.evil.example", "kb.example@evil.example", "kb.example:80:80"]
    )
    def test_another_host_is_answered_by_nobody(self, people, settings, host):
        settings.ALLOWED_HOSTS = ["kb.example"]
        for path in ("/login/", "/api/v1/me", "/"):
            assert Client(raise_request_exception=False).get(path, HTTP_HOST=host).status_code == 400

    def test_forwarded_headers_change_no_address(self, people, settings):
        settings.ALLOWED_HOSTS = ["kb.example"]
        forged = {
            "HTTP_HOST": "kb.example",
            "HTTP_X_FORWARDED_HOST": "evil.example",
            "HTTP_X_FORWARDED_PROTO": "https",
            "HTTP_X_FORWARDED_PREFIX": "//evil.example",
            "HTTP_FORWARDED": "host=evil.example;proto=https",
        }
        answer = Client().get("/cabinets/", **forged)
        assert answer.status_code == 302
        assert "evil" not in answer["Location"]
        assert answer["Location"].startswith("/login/")

    def test_headers_that_rewrite_path_method_or_person_do_nothing(self, people, hints):
        document = upload(people.alice, people.root_folder, "a.txt", "a")
        forged = {
            "HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE",
            "HTTP_X_METHOD_OVERRIDE": "DELETE",
            "HTTP_X_ORIGINAL_URL": "/api/v1/users",
            "HTTP_X_REWRITE_URL": "/api/v1/users",
            "HTTP_REMOTE_USER": "root",
            "HTTP_X_FORWARDED_USER": "root",
            "HTTP_X_REMOTE_USER": "root",
        }
        answer = Api(people.alice).get(f"documents/{document.pk}", **forged)
        assert answer.json()["id"] == str(document.pk)
        assert Document.objects.get(pk=document.pk).status != "deleting"
        assert Client().get("/api/v1/users", **forged).status_code == 401

    def test_a_session_without_the_token_of_the_page_changes_nothing(self, people):
        client = browser(people.alice, enforce_csrf_checks=True)
        body = {"name": "Forged"}
        assert client.post("/api/v1/cabinets", body, content_type="application/json").status_code == 403
        assert client.post(f"/people/{people.bob.pk}/view/").status_code == 403
        assert client.post("/view-as/end/").status_code == 403


class TestWaysOut:
    OUTSIDE = (
        "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)", "https:evil.example", "/%09/evil.example", "http://testserver@evil.example", "\thttps://evil.example",
    )  # fmt: skip

    @pytest.mark.parametrize("target", OUTSIDE)
    def test_signing_in_and_choosing_a_language_lead_nowhere_else(self, people, target):
        signed = Client().post("/login/", {"username": "alice", "password": PASSWORD, "next": target})
        chosen = browser(people.alice).post("/preferences/", {"language": "en", "next": target})
        for answer in (signed, chosen):
            assert answer.status_code == 302
            assert "evil" not in answer["Location"].partition("?")[0].replace("/%09/evil.example", "")
            assert answer["Location"].startswith("/")
            assert not answer["Location"].startswith(("//", "/\\"))

    def test_a_key_counts_in_its_header_alone(self, people):
        key = Api(people.alice).headers["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        for name in ("key", "api_key", "apikey", "access_token", "token", "authorization"):
            assert Client().get("/api/v1/cabinets", {name: key}).status_code == 401
            assert Client().get("/api/v1/cabinets", {name: f"Bearer {key}"}).status_code == 401
            client = Client()
            client.cookies[name] = key
            assert client.get("/api/v1/cabinets").status_code == 401
        for header in ("HTTP_X_API_KEY", "HTTP_API_KEY", "HTTP_X_AUTH_TOKEN", "HTTP_PROXY_AUTHORIZATION"):
            assert Client().get("/api/v1/cabinets", **{header: key}).status_code == 401
