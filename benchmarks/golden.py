"""Asks the golden questions of the demo cabinet over REST, on a fresh product.

    python -m benchmarks.golden

Reports the share of answerable questions whose first cited document, any cited document and first found
passage are right, whose answer holds the expected words, and of unanswerable ones that are refused.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

import httpx

from apps.cabinets.demo import GoldenQuestion, golden
from benchmarks.product import running


@dataclass
class Asked:
    question: GoldenQuestion
    cited: list[str]
    found: list[str]
    answer: str
    refused: bool


def main() -> None:
    with running(demo=True) as product, product.client as client:
        product.wait_until_idle()
        names = document_names(client)
        asked = [ask(client, names, question) for question in golden().questions]
    for entry in asked:
        print(line(entry))
    report(asked)


def document_names(client: httpx.Client) -> dict[str, str]:
    """Document id → "folder/filename", as golden questions name them."""
    cabinets = client.get("/api/v1/cabinets").json()["items"]
    folders = {
        folder["id"]: folder["path"]
        for cabinet in cabinets
        for folder in client.get(f"/api/v1/cabinets/{cabinet['id']}/folders").json()["items"]
    }
    documents = client.get("/api/v1/documents", params={"limit": 200}).json()["items"]
    return {
        document["id"]: f"{folders[document['folder_id']]}/{document['filename']}" for document in documents
    }


def ask(client: httpx.Client, names: dict[str, str], question: GoldenQuestion) -> Asked:
    conversation = client.post("/api/v1/conversations", json={}).json()
    path = f"/api/v1/conversations/{conversation['id']}/messages"
    answer = client.post(path, json={"content": question.question, "stream": False}).json()
    by_number = {source["number"]: names[source["document_id"]] for source in answer["sources"]}
    cited = [by_number[number] for number in answer.get("citations", [])]
    refused = not cited or answer.get("found") is False  # it says so, and shows what comes closest
    return Asked(question, cited, list(by_number.values()), answer["content"], refused)


def folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def holds(entry: Asked) -> bool:
    return all(folded(words) in folded(entry.answer) for words in entry.question.must_contain)


def line(entry: Asked) -> str:
    question = entry.question
    if question.unanswerable:
        state = "refused " if entry.refused else "ANSWERED"
    else:
        right = bool(set(entry.cited) & set(question.documents))
        state = ("right+  " if holds(entry) else "right   ") if right else "WRONG   "
    return f"{state} {question.id:24} {question.question[:40]}  →  {', '.join(dict.fromkeys(entry.cited)) or '-'}"


def report(asked: list[Asked]) -> None:
    answerable = [entry for entry in asked if not entry.question.unanswerable]
    counts: Counter[str] = Counter()
    for entry in answerable:
        wanted = set(entry.question.documents)
        counts["found first"] += bool(entry.found and entry.found[0] in wanted)
        counts["found in 8"] += bool(set(entry.found) & wanted)
        counts["cited"] += bool(set(entry.cited) & wanted)
        counts["all cited are right"] += bool(entry.cited) and set(entry.cited) <= wanted
        counts["answer holds the words"] += holds(entry)
    for name, count in counts.items():
        print(f"{name:24} {count}/{len(answerable)}  {count / len(answerable):.0%}")
    refused = [entry.refused for entry in asked if entry.question.unanswerable]
    print(f"{'refused, unanswerable':24} {sum(refused)}/{len(refused)}")


if __name__ == "__main__":
    main()
