"""Golden questions: written, changed, carried out and in as files, and only for managers."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import AuditEvent
from apps.cabinets.models import Document
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.folders import folder_create
from apps.quality.models import GoldenQuestion
from apps.quality.selectors import expected_documents
from tests.factories import Api
from tests.test_cabinet_pages import make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(people) -> Api:
    return Api(people.alice)


def base(people) -> str:
    return f"cabinets/{people.cabinet.pk}/golden-questions"


def send_file(api: Api, people, name: str, content: bytes | str):
    data = content.encode() if isinstance(content, str) else content
    path = f"/api/v1/{base(people)}/import"
    return api.client.post(path, {"file": SimpleUploadedFile(name, data)}, **api.headers)


def test_a_question_names_what_answers_it(people, alice):
    folder = folder_create(by=people.alice, parent=people.root_folder, name="制度")
    document = make_document(people, "差旅", folder=folder)
    body = {
        "question": " 住宿 标准？ ",
        "document_ids": [str(document.pk)],
        "words": ["380", " "],
        "answer": "380元",
    }
    made = alice.post(base(people), body)
    assert made.status_code == 201, made.content
    made = made.json()
    assert made["question"] == "住宿 标准？"
    assert made["documents"] == [{"document_id": str(document.pk), "name": "制度/差旅.pdf"}]
    assert (made["words"], made["origin"], made["created_by"]) == (["380"], "typed", "alice")
    assert alice.get(base(people)).json()["items"] == [made]
    assert alice.get(f"golden-questions/{made['id']}").json() == made
    assert AuditEvent.objects.filter(action="golden.create", actor=people.alice).count() == 1


def test_a_question_is_replaced_as_a_whole_and_deleted(people, alice):
    document = make_document(people, "Travel")
    made = alice.post(
        base(people), {"question": "Hotel?", "document_ids": [str(document.pk)], "words": ["380"]}
    ).json()
    changed = alice.put(f"golden-questions/{made['id']}", {"question": "Visa?", "unanswerable": True}).json()
    assert (changed["question"], changed["documents"], changed["words"]) == ("Visa?", [], [])
    assert changed["unanswerable"] is True
    assert alice.delete(f"golden-questions/{made['id']}").status_code == 204
    assert not GoldenQuestion.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"question": "？", "unanswerable": True}, "question"),
        ({"question": "x" * 2001, "unanswerable": True}, "question"),
        ({"question": "Hotel?"}, "documents"),
        ({"question": "Hotel?", "documents": ["a.pdf"], "unanswerable": True}, "unanswerable"),
        ({"question": "Hotel?", "documents": ["a.pdf"], "words": ["x" * 201]}, "words"),
        ({"question": "Hotel?", "documents": ["a.pdf"], "passage": "x" * 5001}, "passage"),
        ({"question": "Hotel?", "documents": [f"{n}.pdf" for n in range(21)]}, "documents"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(people, alice, body, field):
    answer = alice.post(base(people), body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not GoldenQuestion.objects.exists()


def test_a_document_of_another_cabinet_is_refused(people, alice):
    other = cabinet_create(by=people.alice, name="Other")
    foreign = make_document(people, "Foreign", folder=other.folders.get())
    answer = alice.post(base(people), {"question": "Hotel?", "document_ids": [str(foreign.pk)]})
    assert answer.status_code == 422


def test_the_same_question_is_there_once(people, alice):
    assert alice.post(base(people), {"question": "Hotel costs?", "unanswerable": True}).status_code == 201
    again = alice.post(base(people), {"question": "ＨＯＴＥＬ  costs？", "unanswerable": True})
    assert again.status_code == 409


def test_a_document_that_was_uploaded_anew_is_expected_by_its_name(people, alice):
    document = make_document(people, "Travel")
    made = alice.post(base(people), {"question": "Hotel?", "document_ids": [str(document.pk)]}).json()
    document.delete()
    question = GoldenQuestion.objects.get(pk=made["id"])
    assert expected_documents(question) == set()
    again = make_document(people, "Travel")
    assert expected_documents(question) == {again.pk}
    Document.objects.filter(pk=again.pk).update(status="deleting")
    assert expected_documents(question) == set()


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_what_is_exported_can_be_imported_again(people, alice, kind):
    make_document(people, "Travel")
    for body in (
        {"question": "=HYPERLINK?", "documents": ["Travel.pdf", "not there.pdf"], "words": ["380", "元"]},
        {"question": "谁批准？", "unanswerable": True, "answer": "line 1\nline 2, “quoted”"},
    ):
        assert alice.post(base(people), body).status_code == 201
    sent = alice.get(f"{base(people)}/export", {"format": kind})
    assert "attachment" in sent["Content-Disposition"]
    before = list(
        GoldenQuestion.objects.order_by("question").values_list("question", "answer", "words", "unanswerable")
    )
    GoldenQuestion.objects.all().delete()
    answer = send_file(alice, people, f"q.{kind}", sent.content).json()
    assert answer == {"added": 2, "updated": 0, "rejected": [], "rejected_count": 0}
    assert (
        list(
            GoldenQuestion.objects.order_by("question").values_list(
                "question", "answer", "words", "unanswerable"
            )
        )
        == before
    )
    targets = GoldenQuestion.objects.get(question="=HYPERLINK?").targets
    assert [(target.name, target.document is not None) for target in targets.all()] == [
        ("Travel.pdf", True),
        ("not there.pdf", False),
    ]
    assert send_file(alice, people, f"q.{kind}", sent.content).json()["updated"] == 2


def test_no_cell_of_the_table_is_calculated_by_a_spreadsheet(people, alice):
    alice.post(base(people), {"question": "=1+1", "answer": "@SUM(A1)", "unanswerable": True})
    sent = alice.get(f"{base(people)}/export", {"format": "csv"}).content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(sent))
    assert (row["question"], row["answer"]) == ("'=1+1", "'@SUM(A1)")


def test_a_table_in_gbk_with_semicolons_is_read_and_bad_rows_are_listed(people, alice):
    table = "Question;Documents;Words\r\n年假几天？;休假.pdf;五天|十天\r\n？？？;休假.pdf;\r\n谁批准？;;\r\n"
    answer = send_file(alice, people, "问题.csv", table.encode("gb18030")).json()
    assert (answer["added"], answer["rejected_count"]) == (1, 2)
    assert [row["line"] for row in answer["rejected"]] == [3, 4]
    question = GoldenQuestion.objects.get()
    assert (question.question, question.words, question.origin) == (
        "年假几天？",
        ["五天", "十天"],
        "imported",
    )


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("q.txt", "question\nx", 415),
        ("q.json", "{", 422),
        ("q.json", '{"questions": 7}', 422),
        ("q.json", "[]", 422),
        ("q.json", "[" * 100_000, 422),
        ("q.csv", "", 422),
        ("q.csv", "name,age\nx,1", 422),
        ("q.csv", "question\n", 422),
        ("q.json", json.dumps([{"question": "x"}] * 2001), 413),
    ],
    ids=["kind", "cut", "no list", "empty list", "nested", "empty", "columns", "no row", "too many"],
)
def test_a_file_that_cannot_be_read_says_so(people, alice, name, content, status):
    answer = send_file(alice, people, name, content)
    assert answer.status_code == status, answer.content
    assert answer.json()["detail"]


def test_rows_of_the_wrong_shape_are_rejected_one_by_one(people, alice):
    rows = [
        7,
        {"question": 7},
        {"question": "A?", "documents": [1]},
        {"question": "B?", "unanswerable": True},
    ]
    answer = send_file(alice, people, "q.json", json.dumps(rows)).json()
    assert (answer["added"], [row["line"] for row in answer["rejected"]]) == (1, [1, 2, 3])


def test_the_demo_cabinet_brings_its_questions_and_no_other_does(people, alice):
    assert alice.post(f"{base(people)}/samples").status_code == 409
    people.cabinet.options = {"kind": "demo"}
    people.cabinet.save()
    first = alice.post(f"{base(people)}/samples").json()
    assert first["added"] > 30 and first["rejected"] == []
    assert alice.post(f"{base(people)}/samples").json()["updated"] == first["added"]
    assert GoldenQuestion.objects.filter(unanswerable=True, origin="sample").exists()
