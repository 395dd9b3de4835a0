"""Every error of the REST interface is application/problem+json with the id of the request."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from apps.cabinets import selectors
from tests.factories import Api, upload

pytestmark = pytest.mark.django_db
MEMBERS = {"type", "title", "status", "detail", "errors", "request_id"}


def assert_problem(answer, status: int, code: str = "") -> dict:
    assert answer.status_code == status, answer.content[:300]
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert set(body) == MEMBERS
    assert body["status"] == status
    assert body["title"]
    assert body["request_id"] == answer["X-Request-ID"] != ""
    if code:
        assert body["type"] == f"urn:askive:problem:{code}"
    return body


@pytest.fixture
def alice(people) -> Api:
    return Api(people.alice)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/v1/nothing-here", None, 404, "not_found"),
        ("GET", "/api/v2/", None, 404, "not_found"),
        ("GET", "cabinets/not-a-uuid", None, 404, "not_found"),
        ("GET", "cabinets/5f2c2a52-6c0f-4e0e-9a71-0d7f0f5f1c11", None, 404, "not_found"),
        ("PUT", "cabinets", {}, 405, "method"),
        ("DELETE", "me", None, 405, "method"),
        ("POST", "cabinets", b'{"name": ', 400, "unreadable"),
        ("POST", "cabinets", b"\xff\xfe\x00", 400, ""),
        ("POST", "cabinets", b'{"name": "' + b"x" * (3 * 1024 * 1024) + b'"}', 413, "too_large"),
        ("POST", "cabinets", {}, 422, "invalid"),
        ("POST", "cabinets", [], 422, "invalid"),
        ("POST", "cabinets", {"name": "NUL \x00 inside", "description": "a\x00b"}, 422, "invalid"),
        ("POST", "cabinets", b'{"name": "lone \\ud800 surrogate"}', 422, "invalid"),
        ("GET", "documents?status=unknown", None, 422, "invalid"),
        ("GET", "documents?limit=1000000", None, 422, "invalid"),
        ("GET", "documents?q=%00", None, 422, "invalid"),
        ("GET", "documents?cursor=nonsense", None, 422, "invalid"),
        ("GET", "documents?cursor=WyJzIiwiYSIsImIiXQ==", None, 422, "invalid"),
        ("GET", "cabinets?cursor=eyJhIjoxfQ==", None, 422, "invalid"),
        ("GET", "users", None, 403, "scope"),
        ("POST", "search", {"query": "x", "top_k": 0}, 422, "invalid"),
    ],
)
def test_a_bad_call_is_answered_with_a_problem(alice, method, path, body, status, code):
    assert_problem(alice.send(method, path, body), status, code)


def test_a_method_that_is_not_taken_names_those_that_are(alice):
    assert set(alice.put("cabinets", {})["Allow"].replace(" ", "").split(",")) == {"GET", "POST"}


def test_without_a_key_the_answer_is_401_and_names_the_scheme(people):
    answer = Api().get("cabinets")
    assert_problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_fields_that_are_wrong_are_named(alice):
    body = assert_problem(alice.post("search", {"query": "x", "mode": "magic", "top_k": 51}), 422)
    assert {error["field"] for error in body["errors"]} == {"mode", "top_k"}
    assert all(error["message"] for error in body["errors"])


def test_a_broken_multipart_body_is_a_problem(people, alice):
    answer = alice.client.generic(
        "POST",
        "/api/v1/documents",
        b"--x\r\nbroken",
        content_type="multipart/form-data; boundary=",
        **alice.headers,
    )
    assert_problem(answer, 400)


def test_too_many_files_at_once_are_a_problem(people, alice, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    answer = alice.upload(*[(f"{n}.txt", "x") for n in range(3)], cabinet_id=people.cabinet.pk)
    assert_problem(answer, 413, "too_large")


def test_a_bug_of_ours_is_a_problem_without_its_inside(people, alice, monkeypatch):
    def bug(*args, **options):
        raise ZeroDivisionError("the secret inside")

    monkeypatch.setattr(selectors, "documents_for", bug)
    body = assert_problem(alice.get("documents"), 500, "internal")
    assert "secret" not in json.dumps(body)


def test_a_cursor_of_another_list_is_refused(people, alice, hints):
    for number in range(2):
        upload(people.alice, people.root_folder, f"{number}.txt", f"{number}")
        alice.post("cabinets", {"name": f"C{number}"})
    documents = alice.get("documents", {"limit": 1}).json()["next_cursor"]
    cabinets = alice.get("cabinets", {"limit": 1}).json()["next_cursor"]
    assert documents
    assert_problem(alice.get("documents", {"cursor": cabinets}), 422, "invalid")


def test_the_callers_request_id_is_kept_if_it_is_harmless(alice):
    assert alice.get("me", HTTP_X_REQUEST_ID="trace-1.a")["X-Request-ID"] == "trace-1.a"
    for bad in ("x" * 65, "a b", "<script>"):
        assert alice.get("me", HTTP_X_REQUEST_ID=bad)["X-Request-ID"] != bad


def test_the_detail_is_in_the_language_of_the_caller(people):
    english = Api(people.charlie, language="en").get(f"cabinets/{people.cabinet.pk}").json()["detail"]
    chinese = Api(people.charlie, language="zh-CN").get(f"cabinets/{people.cabinet.pk}").json()["detail"]
    assert english.isascii()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


def test_a_page_still_gets_a_page(people):
    answer = Client().get("/no-such-page")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_unsafe_calls_of_a_session_need_the_csrf_token(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.alice)
    assert client.get("/api/v1/cabinets").status_code == 200
    body = json.dumps({"name": "x"})
    assert_problem(client.post("/api/v1/cabinets", body, content_type="application/json"), 403)
    token = client.cookies["csrftoken"] = "a" * 32
    sent = client.post("/api/v1/cabinets", body, content_type="application/json", HTTP_X_CSRFTOKEN=token)
    assert sent.status_code == 201
