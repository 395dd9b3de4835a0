from __future__ import annotations

from pathlib import Path

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing import convert, sniff
from apps.rag.parsing.office.excel97 import parse_xls
from apps.rag.parsing.office.legacy import judge
from apps.rag.parsing.sniff import media_type_for
from apps.rag.sandbox import Limits, ParserPool
from tests.rag.parsing.files import find, source, texts
from tests.rag.parsing.oldfiles import excel97, ole

needs_libreoffice = pytest.mark.skipif(
    convert.program() is None,
    reason="needs LibreOffice: libreoffice-writer-nogui",
)


def test_an_excel_97_sheet_gives_its_table_and_names_hidden_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    rows = [["姓名", "金额"], ["张三", 12.5], ["李四", 3]]
    path.write_bytes(excel97({"工资": rows, "_密": rows}))
    document = parse_xls(path)
    table = find(document, "张三")
    assert table.text == "| 姓名 | 金额 |\n| --- | --- |\n| 张三 | 12.5 |\n| 李四 | 3 |"
    assert (table.sheet, table.cells, table.headings) == ("工资", "A1:B3", ("工资",))
    assert "_密" in document.warnings[0]


def test_a_password_on_a_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(excel97({"a": [["x"]]}, encrypted=True))
    with pytest.raises(ParseError) as caught:
        parse_xls(path)
    assert caught.value.code == "password"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.xls", b"<html><table><tr><td>1</td></tr></table>", sniff.HTML),
        ("a.xls", b"PK\x03\x04" + bytes(60), sniff.XLSX),
        ("a.doc", b"{\\rtf1\\ansi hello}", sniff.RTF),
        ("a.doc", b"MIME-Version: 1.0\nContent-Type: multipart/related", sniff.MHTML),
        ("a.doc", b"PK\x03\x04" + bytes(60), sniff.DOCX),
        ("a.wps", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), sniff.WPS),
    ],
)
def test_what_offices_call_doc_and_xls_is_read_as_what_it_is(name: str, head: bytes, expected: str) -> None:
    assert media_type_for(name, head) == expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (ole({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}), "password"),
        (ole({"Something": b"x"}), "corrupt"),
        (ole({"WordDocument": b"x" * 100})[:700], "corrupt"),
        (b"nothing at all", "corrupt"),
    ],
)
def test_old_files_that_cannot_be_converted_are_told_apart(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(data)
    with pytest.raises(ParseError) as caught:
        judge(path, sniff.DOC)
    assert caught.value.code == code


def test_without_libreoffice_the_child_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert, "program", lambda: None)
    path = tmp_path / "a.doc"
    path.write_bytes(ole({"WordDocument": b"\xec\xa5\xc1\x00" + bytes(2000), "1Table": bytes(100)}))
    pool = ParserPool(size=1, preload=False)
    try:
        with pytest.raises(ParseError) as caught:
            pool.prepare(source(path), workdir=tmp_path)
    finally:
        pool.close()
    assert caught.value.code == "needs_libreoffice"
    assert not list(tmp_path.glob("parse-*"))


@needs_libreoffice
def test_a_word_97_file_is_converted_and_read_in_the_child(tmp_path: Path) -> None:
    from docx import Document

    made = Document()
    made.add_heading("第一章 总则", 1)
    made.add_paragraph("为了规范公文处理，制定本办法。")
    made.save(str(tmp_path / "a.docx"))
    old = _as_doc(tmp_path / "a.docx", tmp_path)
    pool = ParserPool(size=1, preload=False)
    try:
        for name in ("a.doc", "a.wps"):
            path = tmp_path / name
            path.write_bytes(old)
            prepared = pool.prepare(source(path), workdir=tmp_path)
            assert texts(prepared.document) == ["第一章 总则", "为了规范公文处理，制定本办法。"]
            assert prepared.chunks[0].headings == ("第一章 总则",) and prepared.chunks[0].title == "a"
        with pytest.raises(ParseError) as caught:
            pool.prepare(source(path), workdir=tmp_path, limits=Limits(convert=0.01))
        assert caught.value.code == "timeout"
    finally:
        pool.close()


def _as_doc(path: Path, folder: Path) -> bytes:
    import subprocess

    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        str(convert.program()),
        profile,
        "--headless",
        "--convert-to",
        "doc",
        "--outdir",
        str(folder / "old"),
    ]
    subprocess.run([*command, str(path)], check=True, timeout=120, capture_output=True)
    return (folder / "old" / "a.doc").read_bytes()
