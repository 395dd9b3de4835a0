from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing.zipguard import ZipLimits, check

PART = "word/document.xml"


def office_file(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(PART, b"<w/>")
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def code_of(path: Path, limits: ZipLimits | None = None) -> str:
    with pytest.raises(ParseError) as caught:
        check(path, needs=PART, limits=limits)
    return caught.value.code


def test_a_sound_file_passes(tmp_path: Path) -> None:
    check(office_file(tmp_path / "a.docx"), needs=PART)


def test_a_member_packed_beyond_the_ratio_is_a_bomb(tmp_path: Path) -> None:
    assert code_of(office_file(tmp_path / "a.docx", bomb=bytes(40 * 1024 * 1024))) == "zip_bomb"


def test_too_many_entries_or_bytes_are_a_bomb(tmp_path: Path) -> None:
    path = office_file(tmp_path / "a.docx", **{f"m{index}": b"x" * 100 for index in range(20)})
    assert code_of(path, ZipLimits(entries=10)) == "zip_bomb"
    assert code_of(path, ZipLimits(total=500)) == "zip_bomb"


def test_a_truncated_file_is_corrupt(tmp_path: Path) -> None:
    path = office_file(tmp_path / "a.docx", more=b"y" * 5000)
    path.write_bytes(path.read_bytes()[:-60])
    assert code_of(path) == "corrupt"


def test_a_zip_without_the_part_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hi")
    assert code_of(path) == "corrupt"


def test_an_encrypted_office_file_asks_for_its_password(tmp_path: Path) -> None:
    import io

    import msoffcrypto.format.ooxml
    from docx import Document

    plain = tmp_path / "plain.docx"
    Document().save(str(plain))
    target = io.BytesIO()
    with plain.open("rb") as file:
        msoffcrypto.format.ooxml.OOXMLFile(file).encrypt("secret", target)
    path = tmp_path / "a.docx"
    path.write_bytes(target.getvalue())
    assert code_of(path) == "password"
