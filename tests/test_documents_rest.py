"""Documents over REST: upload, list, change, move, read, passages."""

from __future__ import annotations

import json
import uuid
from urllib.parse import unquote

import pytest

from apps.cabinets.models import Document
from apps.cabinets.services import ingestion
from apps.rag.pages import render_page
from tests import samples
from tests.factories import Api, ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
FIELDS = set(
    "id title filename media_type size sha256 cabinet_id folder_id status stage progress queue_position error"
    " warnings page_count chunk_count generation version metadata created_at ready_at timings_ms".split()
)


@pytest.fixture
def alice(people, hints) -> Api:
    return Api(people.alice)


def titles(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["title"] for item in answer.json()["items"]]


def test_one_file_is_accepted_and_queued(people, alice, hints):
    answer = alice.upload(("办法.md", "# 办法"), cabinet_id=people.cabinet.pk)
    assert answer.status_code == 202
    (item,) = answer.json()["items"]
    assert set(item) >= FIELDS
    assert (item["status"], item["stage"], item["progress"], item["queue_position"]) == ("queued", None, 0, 1)
    assert (item["title"], item["filename"], item["media_type"]) == ("办法", "办法.md", "text/markdown")
    assert (item["folder_id"], item["error"], item["version"]) == (str(people.root_folder.pk), None, 1)
    assert hints == [("ingest", item["id"])]
    assert alice.get(f"documents/{item['id']}").json() == item


def test_many_files_wait_in_order_with_their_metadata(people, alice):
    answer = alice.upload(
        ("a.txt", "a"),
        ("b.txt", "b"),
        cabinet_id=people.cabinet.pk,
        metadata=json.dumps({"issuer": "财务部"}),
        tags="rules, travel ,",
    )
    items = answer.json()["items"]
    assert [(item["filename"], item["queue_position"]) for item in items] == [("a.txt", 1), ("b.txt", 2)]
    assert all(item["metadata"] == {"issuer": "财务部"} for item in items)
    assert all(item["tags"] == ["rules", "travel"] for item in items)


def test_the_same_bytes_in_the_same_folder_are_one_document(people, alice, hints):
    first = alice.upload(("a.txt", "same"), cabinet_id=people.cabinet.pk).json()["items"][0]
    again = alice.upload(("another name.txt", "same"), cabinet_id=people.cabinet.pk).json()["items"][0]
    assert again == first
    assert len(hints) == 1
    elsewhere = alice.upload(("a.txt", "same"), cabinet_id=people.cabinet.pk, path="Copy").json()["items"][0]
    assert elsewhere["id"] != first["id"]
    assert elsewhere["sha256"] == first["sha256"]


def test_a_path_makes_the_folders_that_are_missing(people, alice):
    for name in ("a.txt", "b.txt"):
        alice.upload((name, name), cabinet_id=people.cabinet.pk, path="制度/差旅")
    folders = alice.get(f"cabinets/{people.cabinet.pk}/folders").json()["items"]
    assert [folder["path"] for folder in folders] == ["", "制度", "制度/差旅"]
    target = folders[-1]["id"]
    below = alice.upload(("c.txt", "c"), folder_id=target, path="2024").json()["items"][0]
    assert Document.objects.get(pk=below["id"]).folder.path == "制度/差旅/2024"


@pytest.mark.parametrize("path", ["../up", "a/../../b", "a/\u202e"])
def test_a_path_never_leaves_its_folder(people, alice, path):
    answer = alice.upload(("a.txt", "a"), cabinet_id=people.cabinet.pk, path=path)
    assert answer.status_code == 422
    assert not Document.objects.exists()


def test_what_is_refused_does_not_stop_what_is_good(people, alice):
    answer = alice.upload(
        ("bad.exe", samples.exe()), ("good.txt", "text"), ("empty.txt", b""), cabinet_id=people.cabinet.pk
    )
    body = answer.json()
    assert answer.status_code == 202
    assert [item["filename"] for item in body["items"]] == ["good.txt"]
    refused = [(item["filename"], item["status"], item["code"]) for item in body["rejected"]]
    assert refused == [("bad.exe", 415, "unsupported"), ("empty.txt", 422, "empty")]


@pytest.mark.parametrize(
    ("form", "field"),
    [({}, "cabinet_id"), ({"cabinet_id": "x"}, "cabinet_id"), ({"metadata": "[1]"}, "metadata")],
)
def test_a_form_that_makes_no_sense_is_named(people, alice, form, field):
    form = form if form.keys() & {"cabinet_id"} or not form else {"cabinet_id": people.cabinet.pk, **form}
    answer = alice.upload(("a.txt", "a"), **form)
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["field"]


def test_a_call_without_a_file_is_refused(people, alice):
    assert alice.upload(cabinet_id=people.cabinet.pk).status_code == 422


def test_the_list_is_filtered_by_cabinet_folder_status_and_words(people, alice):
    alice.upload(("travel.txt", "1"), cabinet_id=people.cabinet.pk)
    alice.upload(("meals.txt", "2"), cabinet_id=people.cabinet.pk, path="Sub")
    failed = alice.upload(("TRAVEL old.txt", "3"), cabinet_id=people.cabinet.pk).json()["items"][0]
    Document.objects.filter(pk=failed["id"]).update(status="failed", error_code="corrupt", stage="")
    second = alice.post("cabinets", {"name": "Second"}).json()
    alice.upload(("travel.txt", "4"), cabinet_id=second["id"])
    assert sorted(titles(alice.get("documents"))) == ["TRAVEL old", "meals", "travel", "travel"]
    assert titles(alice.get("documents", {"cabinet_id": second["id"]})) == ["travel"]
    assert titles(alice.get("documents", {"folder_id": people.root_folder.pk})) == ["TRAVEL old", "travel"]
    assert titles(alice.get("documents", {"status": "failed"})) == ["TRAVEL old"]
    assert sorted(titles(alice.get("documents", {"q": "travel"}))) == ["TRAVEL old", "travel", "travel"]
    assert (
        titles(alice.get("documents", {"q": "travel", "status": "failed", "cabinet_id": second["id"]})) == []
    )


def test_a_failed_document_says_why_in_the_language_of_the_reader(people, alice):
    item = alice.upload(("a.txt", "a"), cabinet_id=people.cabinet.pk).json()["items"][0]
    Document.objects.filter(pk=item["id"]).update(
        status="failed", error_code="password", error_detail="Traceback: secret", error_retryable=False
    )
    english = alice.get(f"documents/{item['id']}").json()["error"]
    chinese = Api(people.bob, language="zh").get(f"documents/{item['id']}").json()["error"]
    assert english["code"] == chinese["code"] == "password"
    assert "password" in english["message"]
    assert "密码" in chinese["message"]
    assert "secret" not in json.dumps([english, chinese])


def test_pages_of_the_list_join_newest_first_while_documents_arrive(people, alice):
    for number in range(5):
        alice.upload((f"{number}.txt", str(number)), cabinet_id=people.cabinet.pk)
    first = alice.get("documents", {"limit": 2}).json()
    alice.upload(("new.txt", "new"), cabinet_id=people.cabinet.pk)
    second = alice.get("documents", {"limit": 2, "cursor": first["next_cursor"]}).json()
    third = alice.get("documents", {"limit": 2, "cursor": second["next_cursor"]}).json()
    shown = [item["title"] for page in (first, second, third) for item in page["items"]]
    assert shown == ["4", "3", "2", "1", "0"]
    assert third["next_cursor"] is None


def test_a_document_is_renamed_tagged_and_described(people, alice):
    item = alice.upload(("a.txt", "a"), cabinet_id=people.cabinet.pk).json()["items"][0]
    address = f"documents/{item['id']}"
    changed = alice.patch(
        address, {"title": "A/B \u202erules", "tags": ["x", " "], "metadata": {"kind": "办法"}}
    )
    assert (changed.status_code, changed.json()["title"], changed.json()["tags"]) == (
        200,
        "A／B rules",
        ["x"],
    )
    assert alice.patch(address, {"metadata": {"issuer": "HR"}}).json()["metadata"] == {
        "kind": "办法",
        "issuer": "HR",
    }
    for bad in ({"title": " "}, {"title": "x" * 256}, {"metadata": {"a": 1}}, {"tags": ["x"] * 51}):
        assert alice.patch(address, bad).status_code == 422
    assert alice.patch(address, {"metadata": {str(n): "x" for n in range(101)}}).status_code == 422
    assert alice.get(address).json()["title"] == "A／B rules"


def test_a_move_changes_who_sees_it_and_needs_a_role_in_both_places(people, alice, hints):
    item = alice.upload(("a.txt", "a"), cabinet_id=people.cabinet.pk).json()["items"][0]
    second = alice.post("cabinets", {"name": "Second"}).json()
    target = alice.get(f"cabinets/{second['id']}/folders").json()["items"][0]["id"]
    bob = Api(people.bob)
    assert bob.get(f"documents/{item['id']}").status_code == 200
    assert bob.patch(f"documents/{item['id']}", {"folder_id": target}).status_code == 403
    hints.clear()
    moved = alice.patch(f"documents/{item['id']}", {"folder_id": target}).json()
    assert (moved["folder_id"], moved["cabinet_id"]) == (target, second["id"])
    assert hints == [("move", item["id"])]
    assert bob.get(f"documents/{item['id']}").status_code == 404
    foreign = Api(people.charlie).post("cabinets", {"name": "Of Charlie"}).json()["id"]
    root = Api(people.charlie).get(f"cabinets/{foreign}/folders").json()["items"][0]["id"]
    assert alice.patch(f"documents/{item['id']}", {"folder_id": root}).status_code == 404
    assert alice.patch(f"documents/{item['id']}", {"folder_id": str(uuid.uuid4())}).status_code == 404


def test_a_move_onto_the_same_bytes_is_a_conflict(people, alice):
    alice.upload(("a.txt", "same"), cabinet_id=people.cabinet.pk, path="Sub")
    item = alice.upload(("a.txt", "same"), cabinet_id=people.cabinet.pk).json()["items"][0]
    sub = people.cabinet.folders.get(name="Sub")
    assert alice.patch(f"documents/{item['id']}", {"folder_id": str(sub.pk)}).status_code == 409
    assert alice.get(f"documents/{item['id']}").json()["folder_id"] == str(people.root_folder.pk)


def test_the_original_is_an_attachment_that_no_browser_runs(people, alice):
    name = '规定 "<b>" 2024.html'
    page = "<html><script>alert(1)</script>text</html>"
    item = alice.upload((name, page), cabinet_id=people.cabinet.pk).json()["items"][0]
    answer = alice.get(f"documents/{item['id']}/file")
    assert b"".join(answer.streaming_content) == page.encode()
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["Content-Length"] == str(len(page))
    kind, _, encoded = answer["Content-Disposition"].partition("; filename*=UTF-8''")
    assert (kind, unquote(encoded)) == ("attachment", item["filename"])
    assert encoded.isascii()


def test_an_original_that_is_lost_is_absent_rather_than_a_fault(people, alice):
    item = alice.upload(("a.txt", "a"), cabinet_id=people.cabinet.pk).json()["items"][0]
    Document.objects.get(pk=item["id"]).file_path.unlink()
    assert alice.get(f"documents/{item['id']}/file").status_code == 404


def test_a_page_of_a_pdf_is_a_picture(people, alice):
    item = alice.upload(("a.pdf", samples.pdf("One", "Two")), cabinet_id=people.cabinet.pk).json()["items"][0]
    address = f"documents/{item['id']}/pages"
    answer = alice.get(f"{address}/2.png", {"width": 400})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    assert "private" in answer["Cache-Control"]
    assert answer.content == render_page(Document.objects.get().file_path, 2, width=400)
    assert alice.get(f"{address}/2.png", {"width": 390}).content == answer.content, "kept for near widths"
    for number in ("0", "3", "99999999999"):
        assert alice.get(f"{address}/{number}.png").status_code == 404
    for width in ("159", "2001", "x"):
        assert alice.get(f"{address}/1.png", {"width": width}).status_code == 422


def test_a_file_without_pages_has_no_pictures(people, alice):
    item = alice.upload(("a.txt", "a"), cabinet_id=people.cabinet.pk).json()["items"][0]
    assert alice.get(f"documents/{item['id']}/pages/1.png").json()["type"].endswith(":no_pages")


def test_content_and_chunks_are_read_once_the_document_is_ready(people, alice, rag):
    text = "\n\n".join(f"## Part {n}\n\n" + f"Sentence {n} of the rules. " * 40 for n in range(6))
    document = upload(people.alice, people.root_folder, "rules.md", text)
    early = alice.get(f"documents/{document.pk}/content")
    assert (early.status_code, early["Retry-After"]) == (409, "5")
    document = ingest(document)
    content = alice.get(f"documents/{document.pk}/content")
    body = json.loads(b"".join(content.streaming_content))
    assert content["Content-Type"] == "application/json"
    assert {element["headings"][0] for element in body["elements"] if element["kind"] == "paragraph"} == {
        f"Part {n}" for n in range(6)
    }
    assert (body["page_count"], body["language"]) == (None, "en")
    seen, cursor = [], None
    while True:
        page = alice.get(
            f"documents/{document.pk}/chunks", {"limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        seen += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert [item["index"] for item in seen] == list(range(document.chunk_count))
    assert document.chunk_count > 4
    keys = {"id", "index", "text", "headings", "page_start", "page_end", "boxes", "enabled"}
    assert all(keys <= set(item) and item["enabled"] for item in seen)


def test_more_than_ten_chunks_are_paged_in_number_order(people, alice, rag):
    text = "\n\n".join(f"## Part {n}\n\n" + f"Sentence {n} of the rules. " * 40 for n in range(14))
    document = ingest(upload(people.alice, people.root_folder, "rules.md", text))
    first = alice.get(f"documents/{document.pk}/chunks", {"limit": 10}).json()
    rest = alice.get(f"documents/{document.pk}/chunks", {"cursor": first["next_cursor"]}).json()
    indexes = [item["index"] for item in first["items"] + rest["items"]]
    assert indexes == list(range(document.chunk_count))
    assert document.chunk_count > 11


def test_a_passage_that_is_switched_off_is_not_found_any_more(people, alice, rag):
    document = ingest(upload(people.alice, people.root_folder, "rules.md", f"# Rules\n\n{samples.WORDS}"))
    chunk = alice.get(f"documents/{document.pk}/chunks").json()["items"][0]
    bob = Api(people.bob)

    def found() -> list[str]:
        return [item["chunk_id"] for item in bob.post("search", {"query": "signature"}).json()["passages"]]

    assert found() == [chunk["id"]]
    off = alice.patch(f"chunks/{chunk['id']}", {"enabled": False})
    assert (off.status_code, off.json()["enabled"]) == (200, False)
    assert found() == []
    assert bob.patch(f"chunks/{chunk['id']}", {"enabled": True}).status_code == 403
    assert Api(people.charlie).patch(f"chunks/{chunk['id']}", {"enabled": True}).status_code == 404
    alice.patch(f"chunks/{chunk['id']}", {"enabled": True})
    assert found() == [chunk["id"]]


def test_a_reindex_queues_a_new_generation(people, alice, rag, hints):
    document = ingest(upload(people.alice, people.root_folder, "rules.md", "# Rules\n\nText"))
    hints.clear()
    answer = alice.post(f"documents/{document.pk}/reindex")
    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["generation"], answer.json()["searchable"]) == (
        "queued",
        2,
        True,
    )
    assert hints == [("ingest", str(document.pk))]


class TestVersions:
    @pytest.fixture
    def document(self, people, hints) -> Document:
        return upload(people.alice, people.root_folder, "rules.md", "# First")

    def test_new_bytes_are_a_new_version_and_a_new_generation(self, alice, document):
        answer = alice.upload(("v2.md", "# Second"), to=f"documents/{document.pk}/versions")
        body = answer.json()
        assert answer.status_code == 202
        assert (body["version"], body["generation"], body["status"]) == (2, 2, "queued")
        assert (body["filename"], body["title"]) == ("v2.md", "rules")
        assert b"".join(alice.get(f"documents/{document.pk}/file").streaming_content) == b"# Second"

    @pytest.mark.parametrize(
        ("name", "content", "status"),
        [
            ("same.md", "# First", 409),
            ("of another.md", "# Other", 409),
            ("a.exe", b"MZ", 415),
            ("a.md", b"", 422),
        ],
    )
    def test_bytes_that_cannot_be_a_version_change_nothing(
        self, people, alice, document, name, content, status
    ):
        upload(people.alice, people.root_folder, "other.md", "# Other")
        before = Document.objects.filter(pk=document.pk).values().get()
        assert alice.upload((name, content), to=f"documents/{document.pk}/versions").status_code == status
        assert Document.objects.filter(pk=document.pk).values().get() == before
        assert document.versions.count() == 1


def test_progress_of_running_work_is_shown(people, alice):
    item = alice.upload(("a.txt", "a"), cabinet_id=people.cabinet.pk).json()["items"][0]
    lease = ingestion.lease_take(uuid.UUID(item["id"]))
    lease.update(stage="embed", progress=0.42)
    shown = alice.get(f"documents/{item['id']}").json()
    assert (shown["status"], shown["stage"], shown["progress"], shown["queue_position"]) == (
        "processing",
        "embed",
        0.42,
        None,
    )
