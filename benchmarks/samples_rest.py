"""A folder of real files through the product's REST interface, each judged by its row of manifest.json.

    python -m benchmarks.samples_rest FOLDER

A row says what a file deserves: its text found among its chunks and those of its attachments, or a failure with the right
sentence. Recognised text may differ in a few characters.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

import httpx

from benchmarks.product import running
from benchmarks.samples_parse import holds, plain

CODES = {
    "ocr": {"no_text"},
    "empty": {"empty"},
    "error:password": {"password"},
    "error:corrupt": {"corrupt", "unsupported"},
}
SECONDS = 300


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    options = arguments.parse_args()
    rows = json.loads((options.folder / "manifest.json").read_text())
    verdicts: Counter[str] = Counter()
    with running() as product, product.client as client:
        cabinet = client.post("/api/v1/cabinets", json={"name": "samples"}).json()["id"]
        sent = {row["file"]: upload(client, cabinet, options.folder / row["file"]) for row in rows}
        product.wait_until_idle(seconds=SECONDS)
        for row in rows:
            verdict, said = judge(client, row, sent[row["file"]])
            verdicts[verdict] += 1
            print(f"{verdict:8} {row['file']:34} {row['expect']:16} {said[:110]}")
        assert client.get("/healthz").status_code == 200
    print(dict(verdicts), f"of {len(rows)}")


def upload(client: httpx.Client, cabinet: str, path: Path) -> httpx.Response:
    return client.post(
        "/api/v1/documents", data={"cabinet_id": cabinet}, files={"file": (path.name, path.read_bytes())}
    )


def judge(client: httpx.Client, row: dict, answer: httpx.Response) -> tuple[str, str]:
    if answer.status_code != 202:
        problem = answer.json()
        code = problem["type"].rpartition(":")[2]
        if code == "unsupported" and row["expect"] in {"text", "ocr"}:
            return "later", f"refused at upload: {problem['detail']}"
        return (
            "ok" if code in CODES.get(row["expect"], ()) else "WRONG"
        ), f"refused at upload: {problem['detail']}"
    document = client.get(f"/api/v1/documents/{answer.json()['items'][0]['id']}").json()
    if document["status"] == "failed":
        error = document["error"]
        return (
            "ok" if error["code"] in CODES.get(row["expect"], ()) else "WRONG"
        ), f"{error['code']}: {error['message']}"
    if document["status"] != "ready":
        return "WRONG", f"still {document['status']}"
    if row["expect"] not in {"text", "ocr"}:
        return "WRONG", "read, though it should not be readable"
    return missing_text(client, row, document)


def missing_text(client: httpx.Client, row: dict, document: dict) -> tuple[str, str]:
    csv, near = row["format"] == "csv", 93.0 if row["expect"] == "ocr" else 100.0
    attached = client.get("/api/v1/documents", params={"parent_id": document["id"], "limit": 200}).json()[
        "items"
    ]
    texts = [text for one in (document, *attached) for text in chunks(client, one["id"])]
    text = plain("\n".join(texts), csv=csv)
    wanted = row.get("must_contain", ())
    missing = [words for words in wanted if not holds(text, plain(words, csv=csv), near=near)]
    extra = [words for words in row.get("must_not_contain", ()) if plain(words, csv=csv) in text]
    if missing or extra:
        return "WRONG", f"missing {missing[:1]}" if missing else f"should not be there {extra[:1]}"
    return "ok", f"{document['chunk_count']} chunks, {document['timings_ms'].get('total')} ms"


def chunks(client: httpx.Client, document_id: str) -> list[str]:
    texts, cursor = [], None
    while True:
        parameters = {"limit": 200, **({"cursor": cursor} if cursor else {})}
        page = client.get(f"/api/v1/documents/{document_id}/chunks", params=parameters).json()
        texts += [" ".join(row["headings"]) + "\n" + row["text"] for row in page["items"]]
        if not (cursor := page["next_cursor"]):
            return texts


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s")
