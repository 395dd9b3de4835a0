from __future__ import annotations

from pathlib import Path

from apps.rag.parsing.outlook import parse_msg
from apps.rag.types import ParsedDocument
from tests.rag.parsing.files import find, texts
from tests.rag.parsing.oldfiles import outlook


def parsed(tmp_path: Path, data: bytes) -> ParsedDocument:
    path = tmp_path / "a.msg"
    path.write_bytes(data)
    return parse_msg(path)


def test_subject_headers_body_and_attachments_have_the_shape_of_mail(tmp_path: Path) -> None:
    files = {"细则.txt": "值班安排如下。".encode(), "logo.bin": b"\x00\x01\x02"}
    document = parsed(tmp_path, outlook("放假通知", "五一放假三天。", files))
    assert texts(document, "heading") == ["放假通知"]
    assert "Subject: 放假通知" in document.elements[1].text and "人事部" in document.elements[1].text
    assert find(document, "五一").headings == ("放假通知",)
    assert find(document, "Attachments").text == "附件 Attachments: 细则.txt, logo.bin"
    assert find(document, "值班").headings == ("放假通知", "细则.txt")
    assert document.metadata["title"] == "放假通知"


def test_a_body_in_a_code_page_is_read(tmp_path: Path) -> None:
    assert "关于放假的通知，请查收。" in texts(
        parsed(tmp_path, outlook("x", "关于放假的通知，请查收。", {}, code_page=936))
    )


def test_html_is_read_where_there_is_no_text(tmp_path: Path) -> None:
    document = parsed(tmp_path, outlook("x", "", {}, html="<p>网页正文</p><script>x</script>"))
    assert texts(document)[-1] == "网页正文"


def test_an_old_office_attachment_says_what_to_do(tmp_path: Path) -> None:
    from tests.rag.parsing.oldfiles import ole

    document = parsed(tmp_path, outlook("x", "见附件", {"a.doc": ole({"EncryptionInfo": b"x"})}))
    assert "a.doc" in document.warnings[0] and "password" in document.warnings[0]
