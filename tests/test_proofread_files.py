"""Files in, tracked changes, comments and clean copies out; the rest of the file stays as it was."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile

import pytest
from docx import Document as open_word
from lxml import etree

from apps.office.files.docx.package import Package, w
from apps.office.files.docx.reading import DocxText
from apps.office.files.docx.writing import Change, clean, tracked
from apps.office.models import Proofreading
from apps.office.working import job_do
from apps.rag.parsing.convert import program
from tests.factories import Api
from tests.wordfiles import W, word_file

STYLED = (
    '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>工程</w:t></w:r>'
    "<w:r><w:t>峻</w:t><w:tab/><w:t>工后</w:t></w:r></w:p>"
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>截止目前</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    '<w:p><w:del w:id="7" w:author="B"><w:r><w:delText>删去</w:delText></w:r></w:del>'
    '<w:ins w:id="8" w:author="B"><w:r><w:t>布署工作</w:t></w:r></w:ins></w:p>'
)


def root_of(data: bytes) -> etree._Element:
    root = Package(data).xml("word/document.xml")
    assert root is not None
    return root


def without_changes(data: bytes, *, accepted: bool) -> str:
    """The text as Word shows it after all changes were accepted, or refused."""
    root = root_of(data)
    gone, text = (w("del"), w("t")) if accepted else (w("ins"), None)
    found = []
    for node in root.iter(w("t"), w("delText")):
        if any(parent.tag == gone for parent in node.iterancestors()):
            continue
        if text is None or node.tag == text:
            found.append(node.text or "")
    return "".join(found)


def test_the_text_has_a_line_a_paragraph_and_no_deleted_words():
    document = DocxText(Package(word_file("标题", body=STYLED)))
    assert document.text == "标题\n工程峻\t工后\n截止目前\n布署工作"
    for piece in document.pieces:
        assert document.text[piece.start : piece.end] == piece.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("截止", "截至"),
        ("目前", ""),
        ("截止目前", "目前截止"),
        ("止目", "止到目"),
        ("截止目前", "截止目前为止"),
        ("截", "兹截"),
    ],
)
def test_accepting_makes_the_new_text_and_refusing_the_old(old, new):
    text = "我局截止目前完成"
    data = word_file(text, "下一段")
    start = text.index(old)
    done = tracked(data, [Change(start, start + len(old), new, "请改")])
    assert without_changes(done, accepted=True) == text.replace(old, new, 1) + "下一段"
    assert without_changes(done, accepted=False) == text + "下一段"
    assert (
        without_changes(clean(data, [Change(start, start + len(old), new)]), accepted=True)
        == text.replace(old, new, 1) + "下一段"
    )


def test_runs_keep_their_style_and_changes_carry_author_date_and_own_ids():
    data = word_file(body=STYLED)
    done = tracked(data, [Change(0, 2, "项目", "用词"), Change(7, 9, "截至", "截止")])
    root = root_of(done)
    inserted = [node for node in root.iter(w("ins")) if node.get(w("author")) == "Askive"]
    assert "".join(inserted[0].itertext()) == "项目"
    assert inserted[0].find(f".//{w('b')}") is not None
    assert all(node.get(w("date")) for node in inserted)
    ids = [node.get(w("id")) for node in root.iter(w("ins"), w("del"), w("commentRangeStart"))]
    assert len(ids) == len(set(ids))


def test_others_changes_stay_and_ours_stand_inside_theirs():
    text = DocxText(Package(word_file(body=STYLED))).text
    start = text.index("布署")
    done = tracked(word_file(body=STYLED), [Change(start, start + 2, "部署", "别字")])
    assert [node.get(w("author")) for node in root_of(done).iter(w("del"))] == ["B", "Askive"]
    assert without_changes(done, accepted=True).endswith("部署工作")


def test_comments_open_in_a_word_library_with_their_words():
    done = tracked(
        word_file("截止目前，工程峻工。"),
        [Change(0, 2, "截至", "截止/截至：词典"), Change(7, 9, None, "请核对")],
    )
    document = open_word(io.BytesIO(done))
    assert sorted(comment.text for comment in document.comments) == ["截止/截至：词典", "请核对"]


def test_comments_of_others_are_kept():
    theirs = f'<w:comments xmlns:w="{W}"><w:comment w:id="3" w:author="B"><w:p><w:r><w:t>旧</w:t></w:r></w:p></w:comment></w:comments>'
    done = tracked(word_file("截止目前", parts={"word/comments.xml": theirs}), [Change(0, 2, "截至", "新")])
    root = Package(done).xml("word/comments.xml")
    assert root is not None
    assert ["".join(node.itertext()) for node in root] == ["旧", "新"]
    assert len({node.get(w("id")) for node in root}) == 2


def test_other_parts_are_the_same_byte_for_byte():
    parts = {
        "word/header1.xml": "<w:hdr/>",
        "word/media/image1.png": b"\x89PNG\r\n",
        "docProps/core.xml": "<a/>",
    }
    data = word_file("截止目前", "其他", parts=parts)
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(io.BytesIO(clean(data, [Change(0, 2, "截至")]))) as after,
    ):
        assert before.namelist() == after.namelist()
        same = {name for name in before.namelist() if before.read(name) == after.read(name)}
        assert set(before.namelist()) - same == {"word/document.xml"}


def test_a_change_over_paragraphs_a_tab_or_another_change_is_left_out():
    data = word_file("截止", "目前", body="<w:p><w:r><w:t>一</w:t><w:tab/><w:t>二</w:t></w:r></w:p>")
    changes = [Change(1, 4, "坏"), Change(6, 9, "坏"), Change(0, 2, "截至"), Change(0, 1, "坏")]
    assert without_changes(clean(data, changes), accepted=True) in ("截至目前一二", "坏止目前一二")


BROKEN = {
    "not a zip": b"PK\x03\x04 nothing",
    "broken XML": word_file(parts={"word/document.xml": "<w:document><w:body>"}),
    "entities": word_file(
        parts={"word/document.xml": f'<!DOCTYPE a [<!ENTITY b "c">]><w:document xmlns:w="{W}"/>'}
    ),
    "macros": word_file("a", parts={"word/vbaProject.bin": b"x"}),
    "no document": word_file("a").replace(b"word/document.xml", b"word/documenT.xml"),
    "a bomb": word_file("a", parts={"word/media/a.bin": b"\0" * 30_000_000}),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_cannot_be_read_fails_with_a_sentence(people, case):
    api = Api(people.alice, "office")
    job = api.upload(("a.docx", BROKEN[case]), to="proofread/files").json()["job"]
    job_do(job["id"])
    ended = api.get(f"jobs/{job['id']}").json()["job"]
    assert ended["state"] == "failed"
    assert ended["error"]["message"]


@pytest.mark.django_db
def test_a_word_file_becomes_a_report_tracked_changes_and_a_clean_copy(people):
    api = Api(people.alice, "office")
    answer = api.upload(
        ("通知.docx", word_file("关于检查的通知", "各单位：", "截止目前，工程峻工。")), to="proofread/files"
    )
    assert answer.status_code == 202
    job_do(answer.json()["job"]["id"])
    job = api.get(f"jobs/{answer.json()['job']['id']}").json()["job"]
    assert job["state"] == "succeeded"
    result = job["result"]
    report = api.get(result["report_url"]).json()
    assert {"W01", "W04"} <= {finding["rule"]["id"] for finding in report["findings"]}
    assert report["filename"] == "通知.docx"
    key = next(finding["id"] for finding in report["findings"] if finding["rule"]["id"] == "W01")
    api.post(f"findings/{key}/ignore")
    for name in ("tracked_url", "clean_url"):
        data = api.get(result[name]).content
        assert without_changes(data, accepted=True).endswith("截止目前，工程竣工。")


@pytest.mark.django_db
def test_a_text_is_read_only_and_forgotten_with_its_file(people, data_dir):
    api = Api(people.alice, "office")
    job = api.upload(("a.txt", "截止目前".encode("gb18030")), to="proofread/files").json()["job"]
    job_do(job["id"])
    key = Proofreading.objects.get().pk
    assert api.get(f"proofread/files/{key}/report.json").json()["findings"]
    assert api.get(f"proofread/files/{key}/tracked.docx").status_code == 409
    assert api.delete(f"proofreadings/{key}").status_code == 204
    assert list((data_dir / "proofreading").iterdir()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "status"), [("a.exe", b"x", 415), ("a.docx", b"", 422), ("noname", b"x", 415)]
)
def test_what_is_no_such_file_is_refused(people, name, content, status):
    assert Api(people.alice, "office").upload((name, content), to="proofread/files").status_code == status


@pytest.mark.django_db
def test_the_report_is_one_page_that_stands_alone_and_takes_nothing_for_markup(people):
    api = Api(people.alice, "office", language="en")
    hostile = "截止目前，工程峻工<script>alert(1)</script>{{ 7*7 }}"
    job = api.upload(("<img src=x>.txt", hostile.encode()), to="proofread/files").json()["job"]
    job_do(job["id"])
    answer = api.get(api.get(f"jobs/{job['id']}").json()["job"]["result"]["report_page_url"])
    page = answer.content.decode()
    assert "<h1>Proofreading report: &lt;img src=x&gt;.txt</h1>" in page
    assert "<del>峻工</del> → <ins>竣工</ins>" in page and "{{ 7*7 }}" in page
    assert not re.findall(r"<(?:script|link|img|iframe)", page)
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_report_counts_what_was_decided_and_marks_the_text(people):
    api = Api(people.alice, "office", language="zh-hans")
    job = api.upload(("a.txt", "截止目前，工程峻工。".encode()), to="proofread/files").json()["job"]
    job_do(job["id"])
    key = Proofreading.objects.get().findings.get(rule_id="W04").pk
    api.post(f"findings/{key}/accept")
    page = api.get(f"proofread/files/{Proofreading.objects.get().pk}/report.html").content.decode()
    assert "已采纳" in page and "第1段" in page
    assert re.search(r"<mark>峻工</mark></span><sup>\d+</sup>。</div>", page)


@pytest.mark.django_db
@pytest.mark.skipif(program() is None, reason="needs LibreOffice: libreoffice-writer-nogui")
def test_an_old_word_file_is_written_back_as_one_of_today(people, tmp_path):
    (tmp_path / "a.rtf").write_text(r"{\rtf1\ansi \u25130?\u27490?\u30446?\u21069?\par}", "ascii")
    api = Api(people.alice, "office")
    job = api.upload(("旧.doc", (tmp_path / "a.rtf").read_bytes()), to="proofread/files").json()["job"]
    job_do(job["id"])
    result = api.get(f"jobs/{job['id']}").json()["job"]["result"]
    assert without_changes(api.get(result["tracked_url"]).content, accepted=True) == "截至目前"


@pytest.mark.django_db
def test_without_libreoffice_an_old_file_is_refused_with_the_reason(people, monkeypatch):
    monkeypatch.setattr("apps.office.files.extracting.program", lambda: None)
    for name in ("a.doc", "a.wps"):
        answer = Api(people.alice, "office").upload((name, b"\xd0\xcf"), to="proofread/files")
        assert answer.status_code == 415
        assert "LibreOffice" in answer.json()["detail"]
    assert not Proofreading.objects.exists()
