"""An OpenAPI document as a Postman collection (v2.1): a folder a tag, a request a call, with the body's shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
DEEPEST = 4


def collection(document: Mapping[str, Any]) -> dict[str, Any]:
    """`{{base}}` and `{{key}}` are variables of the collection."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            tag = (call.get("tags") or ["other"])[0]
            folders.setdefault(tag, []).append(_request(path, method, call, document))
    return {
        "info": {"name": document["info"]["title"], "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{key}}", "type": "string"}]},
        "variable": [{"key": "base", "value": "http://127.0.0.1:8080"}, {"key": "key", "value": ""}],
        "item": [{"name": tag, "item": items} for tag, items in folders.items()],
    }


def _request(path: str, method: str, call: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    parameters = call.get("parameters", [])
    query = [
        {"key": one["name"], "value": "", "disabled": not one.get("required", False)}
        for one in parameters
        if one["in"] == "query"
    ]
    parts = [
        f":{part[1:-1]}" if part.startswith("{") and part.endswith("}") else part
        for part in path.strip("/").split("/")
    ]
    parts = [
        part.replace("{", "{{").replace("}", "}}") if not part.startswith(":") else part for part in parts
    ]
    request: dict[str, Any] = {
        "method": method.upper(),
        "description": call.get("description", ""),
        "url": {
            "raw": "{{base}}/" + "/".join(parts),
            "host": ["{{base}}"],
            "path": parts,
            "query": query,
            "variable": [{"key": part[1:], "value": ""} for part in parts if part.startswith(":")],
        },
    }
    content = call.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        example = _example(content["application/json"]["schema"], document, 0)
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {
            "mode": "raw",
            "raw": json.dumps(example, ensure_ascii=False, indent=2),
            "options": {"raw": {"language": "json"}},
        }
    elif "multipart/form-data" in content:
        fields = _resolved(content["multipart/form-data"]["schema"], document).get("properties", {})
        request["body"] = {
            "mode": "formdata",
            "formdata": [_part(name, shape) for name, shape in fields.items()],
        }
    return {"name": call.get("summary") or f"{method.upper()} {path}", "request": request}


def _part(name: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    shapes = json.dumps(shape)
    binary = '"binary"' in shapes or "octet-stream" in shapes
    return {"key": name, "type": "file"} if binary else {"key": name, "value": "", "type": "text"}


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def _example(schema: Mapping[str, Any], document: Mapping[str, Any], depth: int) -> Any:
    """A value of the right shape: defaults where there are any."""
    schema = _resolved(schema, document)
    if "default" in schema:
        return schema["default"]
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return _example(choices[0], document, depth)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object" and depth < DEEPEST:
        return {
            name: _example(one, document, depth + 1) for name, one in schema.get("properties", {}).items()
        }
    if kind == "array" and depth < DEEPEST:
        return [_example(schema.get("items", {}), document, depth + 1)]
    return {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}.get(
        str(kind)
    )
