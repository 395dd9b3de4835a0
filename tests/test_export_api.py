"""The interface as files: what the server tells, and a collection that has every call."""

from __future__ import annotations

import json

from django.core.management import call_command


def test_both_formats_have_every_call(tmp_path):
    for kind in ("openapi", "postman"):
        call_command("export_api", format=kind, output=tmp_path / kind, verbosity=0)
    document, made = (json.loads((tmp_path / kind).read_text()) for kind in ("openapi", "postman"))
    assert document["openapi"].startswith("3.1")
    calls = sum(len(methods) for methods in document["paths"].values())
    items = [item for folder in made["item"] for item in folder["item"]]
    assert calls == len(items) > 100
    urls = {(item["request"]["method"], item["request"]["url"]["raw"]): item["request"] for item in items}
    body = json.loads(urls["POST", "{{base}}/api/v1/notices"]["body"]["raw"])
    assert {"subject", "facts", "kind", "issuer"} <= set(body) and body["writer"] == "auto"
    upload = urls["POST", "{{base}}/api/v1/documents"]["body"]["formdata"]
    assert {"file"} == {part["key"] for part in upload if part["type"] == "file"}
    assert ("GET", "{{base}}/api/v1/notices/:notice_id") in urls
