"""Files that must not come in, or that come in and cannot be read: each with its plain sentence."""

from __future__ import annotations

import pytest
from django.conf import settings as conf
from django.utils import translation

from apps.cabinets.messages import SENTENCES
from apps.cabinets.models import Document, DocumentVersion
from apps.cabinets.services.names import clean_filename
from apps.core.problems import Problem
from tests import samples
from tests.factories import Api, ingest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(people, hints) -> Api:
    return Api(people.alice)


def files_on_disk() -> list[str]:
    return sorted(
        path.name for path in conf.FILES_DIR.rglob("*") if path.is_file() and path.parent.name != ".locks"
    )


def said(code: str, language: str) -> str:
    with translation.override(language):
        return translation.gettext(SENTENCES[code])


REFUSED = {
    "a kind that is not taken": ("tool.exe", samples.exe(), 415, "unsupported"),
    "no extension": ("README", b"text", 415, "unsupported"),
    "a program named pdf": ("invoice.pdf", samples.exe(), 415, "unsupported"),
    "a program named txt": ("notes.txt", samples.exe(), 415, "unsupported"),
    "a picture named docx": ("a.docx", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, 415, "unsupported"),
    "a pdf named docx": ("a.docx", samples.pdf(), 415, "unsupported"),
    "a zip named txt": ("a.txt", samples.docx(), 415, "unsupported"),
    "nothing": ("empty.txt", b"", 422, "empty"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_taken_is_said_in_both_languages_and_leaves_nothing(people, alice, case):
    name, content, status, code = REFUSED[case]
    for language in ("en", "zh-hans"):
        answer = Api(people.alice, language=language).upload((name, content), cabinet_id=people.cabinet.pk)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:askive:problem:{code}")
        assert answer.json()["detail"] == said(code, language)
    assert said(code, "en") != said(code, "zh-hans")
    assert files_on_disk() == []
    assert not Document.objects.exists()
    assert not DocumentVersion.objects.exists()


@pytest.mark.parametrize("case", REFUSED)
def test_the_others_of_the_same_request_go_on(people, alice, case):
    name, content, status, code = REFUSED[case]
    answer = alice.upload(
        ("good.txt", "good"), (name, content), ("fine.md", "# fine"), cabinet_id=people.cabinet.pk
    )
    assert answer.status_code == 202
    assert [item["filename"] for item in answer.json()["items"]] == ["good.txt", "fine.md"]
    assert answer.json()["rejected"] == [
        {"filename": name, "status": status, "code": code, "message": said(code, "en")}
    ]
    assert len(files_on_disk()) == 2


def test_a_file_past_the_limit_is_refused_and_leaves_nothing(people, alice, settings):
    settings.MAX_UPLOAD_MB = 1
    big = b"x" * (1024 * 1024 + 1)
    answer = alice.upload(("big.txt", big), cabinet_id=people.cabinet.pk)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:askive:problem:too_large")
    assert "1 MB" in answer.json()["detail"]
    chinese = Api(people.alice, language="zh").upload(("big.txt", big), cabinet_id=people.cabinet.pk)
    assert chinese.json()["detail"] == "文件超过 1 MB。"
    assert files_on_disk() == []
    assert not Document.objects.exists()
    exact = alice.upload(("exact.txt", b"x" * 1024 * 1024), ("big.txt", big), cabinet_id=people.cabinet.pk)
    assert [item["filename"] for item in exact.json()["items"]] == ["exact.txt"]
    assert [item["status"] for item in exact.json()["rejected"]] == [413]
    assert len(files_on_disk()) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\system.txt", "system.txt"),
        ("/absolute/path.txt", "path.txt"),
        ("invoice\u202etxt.exe.txt", "invoicetxt.exe.txt"),
        ("zero\u200bwidth\ufeff.txt", "zerowidth.txt"),
        ("line\nbreak\ttab.txt", "linebreaktab.txt"),
        ("nul\x00byte.txt", "nulbyte.txt"),
        ("<script>alert(1)<.txt", "<script>alert(1)<.txt"),
        ("  spaces around.txt  ", "spaces around.txt"),
        ("通知（2024）5号.txt", "通知（2024）5号.txt"),
        (".txt.txt", ".txt.txt"),
    ],
)
def test_a_hostile_name_becomes_a_harmless_one_and_never_a_path(people, alice, name, shown):
    assert clean_filename(name) == shown
    alice.upload((name, "text"), cabinet_id=people.cabinet.pk)
    for document in Document.objects.all():
        assert "/" not in document.filename
        assert "\\" not in document.filename
        assert document.file_path.parent.parent == conf.FILES_DIR
        assert document.file_path.name == document.sha256
    assert len(files_on_disk()) == Document.objects.count() == 1


@pytest.mark.parametrize("name", ["", "  ", "..", "../", "\u202e", "x" * 251 + ".txt", "字" * 300 + ".txt"])
def test_a_name_that_says_nothing_or_too_much_is_refused(name):
    with pytest.raises(Problem) as refused:
        clean_filename(name)
    assert refused.value.status == 422


def test_an_over_long_name_is_refused_rather_than_cut(people, alice):
    for length in (251, 255, 256, 400):
        answer = alice.upload(("x" * (length - 4) + ".txt", "text"), cabinet_id=people.cabinet.pk)
        assert answer.status_code == 422, length
    assert not Document.objects.exists()
    longest = "字" * 246 + ".txt"
    assert (
        alice.upload((longest, "text"), cabinet_id=people.cabinet.pk).json()["items"][0]["filename"]
        == longest
    )


UNREADABLE = {
    "a zip bomb": ("bomb.docx", samples.zip_bomb_docx, "zip_bomb"),
    "a cut docx": ("cut.docx", samples.broken_docx, "corrupt"),
    "a damaged pdf": ("damaged.pdf", samples.broken_pdf, "corrupt"),
    "a pdf with a password": ("locked.pdf", lambda: samples.pdf(password="secret"), "password"),
    "a blank file": ("blank.txt", lambda: b"\n \n", "empty"),
}


def test_what_cannot_be_read_fails_with_its_sentence_and_the_others_become_ready(people, alice, rag):
    files = [(name, content()) for name, content, _code in UNREADABLE.values()]
    answer = alice.upload(*files, ("good.txt", samples.WORDS), cabinet_id=people.cabinet.pk)
    assert answer.json()["rejected"] == []
    for document in Document.objects.all():
        ingest(document)
    codes = {name: code for name, _content, code in UNREADABLE.values()}
    for language in ("en", "zh-hans"):
        items = Api(people.alice, language=language).get("documents").json()["items"]
        told = {item["filename"]: item["error"] for item in items}
        assert told.pop("good.txt") is None
        assert told == {
            name: {"code": code, "message": said(code, language), "retryable": False}
            for name, code in codes.items()
        }
    statuses = {item["filename"]: item["status"] for item in alice.get("documents").json()["items"]}
    assert statuses == dict.fromkeys(codes, "failed") | {"good.txt": "ready"}
