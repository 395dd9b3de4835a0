"""Attachments laid aside by a reader: bytes as they were, refused kinds named, a list that is not believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing.apart import FOLDER, LIST, MOST, laid_aside
from apps.rag.parsing.ways import Ways, WaysParser, attachments_apart
from tests.rag.parsing.files import source, texts
from tests.rag.parsing.test_mail import message

APART = WaysParser(Ways(attachments_apart=True))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(folder: Path, *files: tuple[str, bytes]):
    mail = message("见附件。")
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    (folder / "a.eml").write_bytes(mail.as_bytes())
    return APART.parse(source(folder / "a.eml"))


def test_they_are_laid_aside_and_not_read(folder: Path) -> None:
    document = read(folder, ("细则.txt", "值班安排".encode()), ("b.md", b"# B"))
    assert [(one.name, one.media_type, one.path.read_bytes()) for one in laid_aside(folder)] == [
        ("细则.txt", "text/plain", "值班安排".encode()), ("b.md", "text/markdown", b"# B"),
    ]  # fmt: skip
    assert "值班安排" not in "".join(texts(document)) and "细则.txt" in "".join(texts(document))
    assert not attachments_apart()


def test_a_refused_kind_is_named(folder: Path) -> None:
    document = read(folder, ("a.exe", b"MZ\x90\x00"))
    assert "a.exe" in document.warnings[0] and list(laid_aside(folder)) == []


def test_there_is_a_bound(folder: Path) -> None:
    document = read(folder, *((f"{number}.txt", b"words") for number in range(MOST + 3)))
    assert len(list(laid_aside(folder))) == MOST and str(MOST) in document.warnings[0]


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b'{"name": 1}', b'{"name": "a.txt", "media_type": "text/plain"}']
)
def test_a_list_that_makes_no_sense_is_a_fault_of_the_child(folder: Path, line: bytes) -> None:
    (folder / FOLDER).mkdir()
    (folder / FOLDER / LIST).write_bytes(line + b"\n")
    with pytest.raises(ParseError) as fault:
        list(laid_aside(folder))
    assert fault.value.code == "crashed"


def test_a_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    read(folder, ("a.txt", b"words"))
    (folder / FOLDER / "0").unlink()
    (folder / FOLDER / "0").symlink_to("/etc/hostname")
    with pytest.raises(ParseError):
        list(laid_aside(folder))
