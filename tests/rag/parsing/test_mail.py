from __future__ import annotations

import io
from email.message import EmailMessage
from pathlib import Path

from docx import Document

from apps.rag.parsing.mail import parse_eml
from apps.rag.parsing.sniff import DOCX
from apps.rag.types import ParsedDocument
from tests.rag.parsing.files import find, texts


def parsed(tmp_path: Path, data: bytes) -> ParsedDocument:
    path = tmp_path / "a.eml"
    path.write_bytes(data)
    return parse_eml(path)


def message(body: str, **options: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "人事部 <hr@example.com>", "all@example.com", "放假通知"
    mail["Date"] = "Fri, 26 Apr 2024 10:00:00 +0800"
    mail.set_content(body, **options)
    return mail


def test_headers_come_first_and_the_subject_is_the_heading(tmp_path: Path) -> None:
    document = parsed(tmp_path, message("五一放假三天。").as_bytes())
    assert texts(document) == [
        "放假通知",
        "From: 人事部 <hr@example.com>\nTo: all@example.com\nDate: Fri, 26 Apr 2024 10:00:00 +0800\nSubject: 放假通知",
        "五一放假三天。",
    ]
    assert document.metadata["title"] == "放假通知"


def test_attachments_of_known_formats_are_read_under_their_name(tmp_path: Path) -> None:
    inner = Document()
    inner.add_heading("细则", 1)
    inner.add_paragraph("值班安排见下表。")
    stream = io.BytesIO()
    inner.save(stream)
    mail = message("全文见附件。")
    mail.add_attachment(
        stream.getvalue(), maintype="application", subtype=DOCX.split("/")[1], filename="放假细则.docx"
    )
    mail.add_attachment(b"\x00\x01\x02", maintype="application", subtype="octet-stream", filename="x.bin")
    document = parsed(tmp_path, mail.as_bytes())
    assert find(document, "Attachments").text == "附件 Attachments: 放假细则.docx, x.bin"
    assert find(document, "值班").headings == ("放假通知", "放假细则.docx", "细则")
    assert document.warnings == ()


def test_a_broken_attachment_is_a_warning(tmp_path: Path) -> None:
    mail = message("见附件。")
    mail.add_attachment(b"PK\x03\x04broken", maintype="application", subtype="zip", filename="a.docx")
    document = parsed(tmp_path, mail.as_bytes())
    assert "a.docx" in document.warnings[0] and "corrupt" in document.warnings[0]


def test_legacy_charsets_are_read(tmp_path: Path) -> None:
    for charset, text in (
        ("gb18030", "关于放假的通知，请查收。"),
        ("big5", "關於放假的通知，請查收。"),
        ("iso-8859-8", "שלום לכולם"),
    ):
        head = f"Subject: x\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
        assert text in texts(parsed(tmp_path, head.encode() + text.encode(charset)))


def test_raw_gbk_headers_of_old_mailers_are_read(tmp_path: Path) -> None:
    document = parsed(tmp_path, b"Subject: " + "关于放假的通知".encode("gbk") + b"\n\nhello there\n")
    assert texts(document, "heading") == ["关于放假的通知"]


def test_html_is_read_where_there_is_no_text(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = "s"
    mail.set_content("<p>网页正文</p><script>x</script>", subtype="html")
    assert texts(parsed(tmp_path, mail.as_bytes()))[-1] == "网页正文"


def test_messages_inside_messages_are_read(tmp_path: Path) -> None:
    outer = message("转发如下。")
    inner = message("原始内容。")
    inner.replace_header("Subject", "原邮件")
    outer.add_attachment(inner)
    document = parsed(tmp_path, outer.as_bytes())
    assert find(document, "原始内容").headings == ("放假通知", "原邮件")


def test_a_mail_saved_as_utf16_is_read(tmp_path: Path) -> None:
    document = parsed(tmp_path, "Subject: Test Email\n\nThis is a test email.\n".encode("utf-16"))
    assert texts(document)[-1] == "This is a test email."
