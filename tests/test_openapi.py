"""The OpenAPI documents: valid in their structure, complete in their errors, and what is really answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.factories import Api

pytestmark = pytest.mark.django_db
DOCUMENTS = {"api": "/api/v1/openapi.json", "openai": "/v1/openapi.json"}
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(params=DOCUMENTS)
def document(request) -> dict[str, Any]:
    answer = Client().get(DOCUMENTS[request.param])
    assert answer.status_code == 200
    return answer.json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_head_is_that_of_3_1(document):
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"]
    assert document["info"]["version"]
    assert document["paths"]
    assert set(document["components"]["securitySchemes"])


def test_every_reference_leads_somewhere(document):
    for reference in set(references(document)):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


def test_every_operation_can_be_told_apart_and_understood(document):
    ids = [operation["operationId"] for _path, _method, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for path, method, operation in operations(document):
        assert method in METHODS
        assert operation["summary"], (method, path)
        assert operation["tags"], (method, path)
        assert operation["security"], (method, path)


def test_every_part_of_a_path_is_a_required_parameter(document):
    for path, method, operation in operations(document):
        described = {
            parameter["name"]
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "path" and parameter["required"]
        }
        assert described == set(re.findall(r"{(\w+)}", path)), (method, path)
        assert "converter" not in path
        assert ":" not in path


def test_every_operation_has_a_good_answer_and_its_errors(document):
    for path, method, operation in operations(document):
        answers = operation["responses"]
        assert any(status.startswith("2") for status in answers), (method, path)
        wanted = {"401", "403", "422", "503"} | ({"404"} if "{" in path else set())
        wanted |= {"409", "413"} if method != "get" else set()
        assert wanted <= set(answers), (method, path)
        for status, answer in answers.items():
            assert answer["description"]
            if not status.startswith("2"):
                (media_type,) = answer["content"]
                schema = answer["content"][media_type]["schema"]["$ref"].rpartition("/")[2]
                pair = (media_type, schema)
                assert pair in {("application/problem+json", "Problem"), ("application/json", "OpenAIError")}


def test_an_error_that_is_answered_has_the_described_members():
    schema = Client().get(DOCUMENTS["api"]).json()["components"]["schemas"]["Problem"]
    body = Api().get("cabinets").json()
    assert set(schema["required"]) == set(schema["properties"]) == set(body)
    openai = Client().get(DOCUMENTS["openai"]).json()["components"]["schemas"]["OpenAIError"]
    body = Api().get("/v1/models").json()
    assert set(body) == {"error"}
    assert set(openai["properties"]["error"]["properties"]) == set(body["error"])


def test_what_is_answered_has_the_described_members(people, hints):
    document = Client().get(DOCUMENTS["api"]).json()
    alice = Api(people.alice)
    alice.upload(("a.txt", "a"), cabinet_id=people.cabinet.pk)
    for path in ("cabinets", "documents", "conversations"):
        answer = document["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]
        name = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        listed = document["components"]["schemas"][name]
        body = alice.get(path).json()
        assert set(listed["properties"]) == set(body)
        if body["items"]:
            item = listed["properties"]["items"]["items"]["$ref"].rpartition("/")[2]
            assert set(document["components"]["schemas"][item]["properties"]) == set(body["items"][0])


def test_the_browsable_page_loads_nothing_from_elsewhere():
    page = Client().get("/api/v1/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", text)
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text)
    assert inline == [], "the policy of the pages allows no inline script"
    assert "default-src 'self'" in page["Content-Security-Policy"]
    settings = re.search(r"<script[^>]*application/json[^>]*>(.*?)</script>", text, re.DOTALL)
    assert settings
    assert json.loads(settings[1])["url"] == DOCUMENTS["api"]
