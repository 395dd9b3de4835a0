from __future__ import annotations

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing import sniff
from apps.rag.parsing.sniff import media_type_for

ZIP = b"PK\x03\x04" + bytes(60)


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("报告.PDF", b"%PDF-1.7\n", sniff.PDF),
        ("a.docx", ZIP, sniff.DOCX),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90), sniff.XLSX),
        ("a.pptx", ZIP, sniff.PPTX),
        ("a.md", "# 标题".encode(), sniff.MARKDOWN),
        ("a.htm", b"<!DOCTYPE html><p>x", sniff.HTML),
        ("a.txt", "通知".encode("gbk"), sniff.TEXT),
        ("a.csv", "a,b".encode("utf-16"), sniff.CSV),
        ("a.csv", "a,b\r\n1,2".encode("utf-16-le"), sniff.CSV),
        ("a.eml", b"From: a@example.com\n\n", sniff.EMAIL),
    ],
)
def test_name_and_bytes_that_agree_give_the_type(name: str, head: bytes, expected: str) -> None:
    assert media_type_for(name, head) == expected


@pytest.mark.parametrize(
    ("name", "head", "code"),
    [
        ("a.txt", b"", "empty"),
        ("a.pdf", b"MZ\x90\x00" + bytes(100), "unsupported"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n" + bytes(100), "unsupported"),
        ("a.pdf", bytes(range(256)) * 8, "corrupt"),
        ("a.txt", b"\x7fELF" + bytes(100), "unsupported"),
        ("a.md", ZIP, "unsupported"),
        ("a.html", b"%PDF-1.4", "unsupported"),
        ("a.exe", b"MZ", "unsupported"),
        ("noextension", b"text", "unsupported"),
        ("a.docx", b"just text", "unsupported"),
    ],
)
def test_what_does_not_agree_is_refused_with_a_code(name: str, head: bytes, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        media_type_for(name, head)
    assert caught.value.code == code


def test_every_type_taken_has_a_parser() -> None:
    from apps.rag.parsing.parser import PARSERS

    assert {kind.media_type for kind in sniff.FILE_TYPES} == set(PARSERS)
