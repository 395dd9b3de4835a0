"""Broken and hostile files of every format beyond the first ten: the right fault, and nothing fetched."""

from __future__ import annotations

import socket
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing import sniff
from apps.rag.parsing.parser import parse_file
from tests.rag.parsing.oldfiles import epub, excel97, ofd, ofd_text, ole, opendocument, outlook, zipped

XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://203.0.113.1/x.dtd">'
BOMB = b"\0" * (12 * 1024 * 1024)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a parser asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def cut(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    def made(path: Path) -> Path:
        data = make(path).read_bytes()
        path.write_bytes(data[: len(data) * 2 // 3])
        return path

    return made


def written(data: bytes) -> Callable[[Path], Path]:
    def made(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return made


def odt(body: str = "<text:p>x</text:p>", **more: str) -> Callable[[Path], Path]:
    return lambda path: opendocument(path, "text", body, **more)


def book(**parts: str) -> Callable[[Path], Path]:
    return lambda path: epub(path, {"a.xhtml": "<p>x</p>"}, **parts)


def fixed(body: str = "", **parts: bytes | str) -> Callable[[Path], Path]:
    return lambda path: ofd(
        path, [body], parts={name.replace("__", "/"): data for name, data in parts.items()}
    )


CASES = [
    ("odt cut", sniff.ODT, cut(odt()), "corrupt"),
    ("odt with an entity of a file", sniff.ODT, odt(head=XXE), "corrupt"),
    ("odt of laughing entities", sniff.ODT, odt(head=LAUGHS), "corrupt"),
    ("odt encrypted", sniff.ODT, odt(manifest="<manifest:encryption-data/>"), "password"),
    ("odt without text", sniff.ODT, odt(body=""), "empty"),
    ("ods that is a text", sniff.ODS, odt(), "corrupt"),
    ("odp that is a text", sniff.ODP, odt(), "corrupt"),
    ("odt bomb", sniff.ODT, lambda p: zipped(p, {"content.xml": BOMB}), "zip_bomb"),
    ("ods nested too deeply", sniff.ODS, odt(body="<text:p>" * 400 + "</text:p>" * 400), "corrupt"),
    ("epub cut", sniff.EPUB, cut(book()), "corrupt"),
    ("epub under rights management", sniff.EPUB, book(encryption='<e><EncryptionMethod Algorithm="aes"/></e>'), "password"),
    ("epub with an entity of a file", sniff.EPUB, book(container=XXE + "<x/>"), "corrupt"),
    ("epub that leads out of itself", sniff.EPUB, book(container='<c><rootfile full-path="../../etc/passwd"/></c>'), "corrupt"),
    ("epub bomb", sniff.EPUB, lambda p: zipped(p, {"META-INF/container.xml": BOMB}), "zip_bomb"),
    ("ofd cut", sniff.OFD, cut(fixed(ofd_text("x", x=1, y=1))), "corrupt"),
    ("ofd without text", sniff.OFD, fixed(), "no_text"),
    ("ofd encrypted", sniff.OFD, fixed(**{"Encryptions.xml": "<x/>"}), "password"),
    ("ofd with an entity of a file", sniff.OFD, lambda p: zipped(p, {"OFD.xml": XXE + "<x/>"}), "corrupt"),
    ("ofd that leads out of itself", sniff.OFD, lambda p: zipped(p, {"OFD.xml": "<O><DocBody><DocRoot>../../etc/passwd</DocRoot></DocBody></O>"}), "corrupt"),
    ("ofd bomb", sniff.OFD, fixed(**{"Doc_0__x.bin": BOMB}), "zip_bomb"),
    ("msg cut", sniff.MSG, cut(written(outlook("x", "y" * 900, {}))), "corrupt"),
    ("msg without a message", sniff.MSG, written(ole({"x": b"y"})), "corrupt"),
    ("msg that is none", sniff.MSG, written(b"hello"), "corrupt"),
    ("xls cut", sniff.XLS, written(excel97({"a": [["x"]]})[:60]), "corrupt"),
    ("xls that is none", sniff.XLS, written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "corrupt"),
    ("rtf cut", sniff.RTF, written(b"{\\rtf1 hello {\\b more"), "corrupt"),
    ("rtf without text", sniff.RTF, written(b"{\\rtf1 }"), "empty"),
    ("json cut", sniff.JSON, written(b'{"a": [1, 2'), "corrupt"),
    ("json nested too deeply", sniff.JSON, written(b"[" * 100_000), "corrupt"),
    ("json of nothing", sniff.JSON, written(b"{}"), "empty"),
    ("png of too many pixels", sniff.PNG, written(png(60_000, 60_000)), "zip_bomb"),
    ("png cut", sniff.PNG, written(png(50, 50)[:45]), "corrupt"),
    ("jpeg that is none", sniff.JPEG, written(b"\xff\xd8\xff\xe0" + bytes(100)), "corrupt"),
    ("tiff that is none", sniff.TIFF, written(b"II*\x00" + bytes(100)), "corrupt"),
    ("doc that is none", sniff.DOC, written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "corrupt"),
    ("ppt encrypted", sniff.PPT, written(ole({"EncryptedSummary": b"x", "PowerPoint Document": b"y"})), "password"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("media_type", "make", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_fault_is_named_and_nothing_is_fetched(
    tmp_path: Path, media_type: str, make: Callable[[Path], Path], code: str
) -> None:
    with pytest.raises(ParseError) as caught:
        parse_file(make(tmp_path / "file"), media_type)
    assert caught.value.code == code, caught.value.detail


@pytest.mark.parametrize(
    "make",
    [
        odt(head=REMOTE),
        odt(
            body='<text:p>x<draw:image xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://203.0.113.1/x.png"/></text:p>'
        ),
    ],
)
def test_what_lies_elsewhere_is_not_fetched(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    assert parse_file(make(tmp_path / "file"), sniff.ODT).elements[0].text == "x"
