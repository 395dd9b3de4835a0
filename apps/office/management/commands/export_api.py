"""The interface as a file for API tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.test import RequestFactory
from django.urls import resolve

from apps.office.postman import collection


class Command(BaseCommand):
    help = "Write the REST interface as an OpenAPI document or a Postman collection."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("openapi", "postman"), default="openapi")
        parser.add_argument("--output", type=Path, help="a file; without it the standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        document = _document()
        told = document if options["format"] == "openapi" else collection(document)
        text = json.dumps(told, ensure_ascii=False, indent=2)
        if options["output"] is None:
            self.stdout.write(text)
        else:
            options["output"].write_text(text + "\n", encoding="utf-8")
            self.stdout.write(f"{options['output']}: {len(document['paths'])} paths")


def _document() -> dict[str, Any]:
    """As the server itself tells it, so that the two never differ."""
    path = "/api/v1/openapi.json"
    match = resolve(path)
    return json.loads(match.func(RequestFactory().get(path), **match.kwargs).content)
