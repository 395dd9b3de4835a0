"""The LanguageTool interface: a client library that knows nothing of us, offsets, choices, words, keys."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.test import Client

from apps.accounts.services import api_key_create
from tests.factories import make_user

TEXT = "😀截止目前，工程峻工。其它事项😀请登陆系统。"


@pytest.fixture
def key(people) -> str:
    return api_key_create(by=people.alice, user=people.alice, name="lt", scopes=["office"])[1]


@pytest.fixture
def call(key):
    """POST a form to a call of the interface."""

    def send(path: str, **fields: str):
        client = Client(headers={"Authorization": f"Bearer {key}", "Accept-Language": "zh-hans"})
        return client.post(f"/v2/{path}", fields)

    return send


def matches(call, **fields: str) -> dict[str, dict]:
    answer = call("check", **{"language": "zh-CN", **fields})
    assert answer.status_code == 200, answer.content
    return {match["rule"]["id"]: match for match in answer.json()["matches"]}


@pytest.mark.django_db
def test_offsets_count_utf_16_units(call):
    encoded = TEXT.encode("utf-16-le")
    for match in matches(call, text=TEXT).values():
        start, end = 2 * match["offset"], 2 * (match["offset"] + match["length"])
        assert encoded[start:end].decode("utf-16-le") in ("截止", "峻工", "登陆")
        context = match["context"]
        inside = context["text"].encode("utf-16-le")[
            2 * context["offset"] : 2 * (context["offset"] + context["length"])
        ]
        assert inside == encoded[start:end]


@pytest.mark.django_db
def test_an_answer_has_every_member_that_clients_read(call):
    body = call("check", text=TEXT, language="auto").json()
    assert body["software"]["apiVersion"] == 1
    assert body["language"]["detectedLanguage"]["code"] == "zh-CN"
    assert body["warnings"] == {"incompleteResults": False}
    assert body["sentenceRanges"][0][0] == 0
    match = body["matches"][0]
    assert {
        "message",
        "shortMessage",
        "offset",
        "length",
        "replacements",
        "context",
        "sentence",
        "type",
        "rule",
    } <= set(match)
    assert set(match["rule"]) == {"id", "description", "issueType", "category"}


@pytest.mark.django_db
def test_rules_and_categories_are_chosen(call):
    assert set(matches(call, text=TEXT, enabledRules="W04", enabledOnly="true")) == {"W04"}
    assert "W04" not in matches(call, text=TEXT, disabledRules="W04")
    assert matches(call, text=TEXT, disabledCategories="TYPOS") == {}
    assert "W20" not in matches(call, text=TEXT)
    assert "W20" in matches(call, text=TEXT, level="picky")


@pytest.mark.django_db
def test_markup_is_skipped_and_counted(call):
    parts = [{"text": "工程"}, {"markup": "<b>"}, {"text": "峻工"}, {"markup": "</b>"}, {"text": "了。"}]
    match = matches(call, data=json.dumps({"annotation": parts}))["W04"]
    assert (match["offset"], match["length"]) == (5, 2)


@pytest.mark.django_db
def test_words_are_added_listed_used_and_deleted(call, key):
    assert call("words/add", word="峻工").json() == {"added": True}
    listed = Client(headers={"Authorization": f"Bearer {key}"}).get("/v2/words")
    assert listed.json() == {"words": ["峻工"]}
    assert "W04" not in matches(call, text=TEXT)
    assert call("words/delete", word="峻工").json() == {"deleted": True}
    assert call("words/delete", word="峻工").json() == {"deleted": False}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, 422), ({"language": "zh-CN"}, 400), ({"language": "fr", "text": "a"}, 422), ({"language": "zh", "data": "{"}, 400),
     ({"language": "zh", "data": '{"annotation": [{}]}'}, 400), ({"language": "zh", "text": "a" * 100_001}, 413)],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(call, fields, status):
    answer = call("check", **fields)
    assert answer.status_code == status
    assert answer.content.decode().startswith("Error: ")


@pytest.mark.django_db
def test_a_key_comes_as_bearer_as_password_or_as_a_field_and_nothing_else_enters(key, people):
    fields = {"text": "好", "language": "zh-CN"}
    basic = base64.b64encode(f"any:{key}".encode()).decode()
    ways = [
        ({"Authorization": f"Bearer {key}"}, {}),
        ({"Authorization": f"Basic {basic}"}, {}),
        ({}, {"apiKey": key, "username": "any"}),
    ]
    for headers, more in ways:
        assert Client(headers=headers).post("/v2/check", fields | more).status_code == 200
    assert Client(headers={"Authorization": "Basic %%%"}).post("/v2/check", fields).status_code == 401
    signed_in = Client()
    signed_in.force_login(people.alice)
    assert signed_in.post("/v2/check", fields).status_code == 401
    other = api_key_create(by=people.alice, user=people.alice, name="chat", scopes=["chat"])[1]
    assert Client(headers={"Authorization": f"Bearer {other}"}).post("/v2/check", fields).status_code == 403
    dora = make_user("dora")
    gone = api_key_create(by=dora, user=dora, name="gone", scopes=["office"])[1]
    dora.is_active = False
    dora.save()
    assert Client(headers={"Authorization": f"Bearer {gone}"}).post("/v2/check", fields).status_code == 401


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server() -> Iterator[str]:
    """The product behind a real socket, one request at a time."""
    from django.core.wsgi import get_wsgi_application

    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as served:
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_client_library_works_unchanged(server, key):
    import language_tool_python

    with language_tool_python.LanguageTool("zh-CN", remote_server=f"http://any:{key}@{server}/") as tool:
        text = "😀截止目前，工程峻工。"
        found = tool.check(text)
        assert {match.rule_id for match in found} == {"W01", "W04"}
        assert language_tool_python.utils.correct(text, found) == "😀截至目前，工程竣工。"
