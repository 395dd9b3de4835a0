"""docs/rest.md names every route that the OpenAPI documents describe, and no other."""

from __future__ import annotations

import re

from django.conf import settings
from django.test import Client

ROUTES = re.compile(r"`((?:(?:GET|POST|PUT|PATCH|DELETE) )+)(/\S+)`")


def described() -> set[tuple[str, str]]:
    client = Client()
    documents = [client.get(path).json() for path in ("/api/v1/openapi.json", "/v1/openapi.json")]
    return {
        (method.upper(), path)
        for document in documents
        for path, methods in document["paths"].items()
        for method in methods
    }


def written() -> set[tuple[str, str]]:
    text = (settings.BASE_DIR / "docs/rest.md").read_text(encoding="utf-8").partition("## Every route")[2]
    return {
        (method, path if path.startswith("/v1/") else f"/api/v1{path}")
        for methods, path in ROUTES.findall(text)
        for method in methods.split()
    }


def test_the_document_and_the_interface_name_the_same_routes(db):
    assert described() - written() == set(), "not in docs/rest.md"
    assert written() - described() == set(), "in docs/rest.md alone"
