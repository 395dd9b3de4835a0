"""The OpenAPI documents, with the errors that ninja leaves out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from apps.core.problems import CONTENT_TYPE

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457; `detail` is a sentence for people, the end of `type` a stable code.",
    "required": ["type", "title", "status", "detail", "errors", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:askive:problem:not_found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "request_id": {"type": "string"},
    },
}
OPENAI_ERROR = {
    "type": "object",
    "title": "OpenAIError",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
ALWAYS = (401, 403, 422, 503)


class DocumentedAPI(NinjaAPI):
    """`error_schema` is the shape of every error of this interface, `error_type` its media type."""

    def __init__(
        self,
        *,
        error_schema: dict[str, Any] = PROBLEM,
        error_type: str = CONTENT_TYPE,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._error_schema, self._error_type = error_schema, error_type

    def get_openapi_schema(self, *args: Any, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(*args, **options)
        name = self._error_schema["title"]
        document["components"].setdefault("schemas", {})[name] = self._error_schema
        content = {self._error_type: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                for status in _errors_of(path, method, operation):
                    answer = {"description": HTTPStatus(status).phrase, "content": content}
                    operation["responses"].setdefault(status, answer)
        return document


def _errors_of(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    found = list(ALWAYS)
    if "{" in path:
        found.append(404)
    if method != "get":
        found += [409, 413]
    if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
        found.append(415)
    return sorted(found)
