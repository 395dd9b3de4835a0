from __future__ import annotations

from pathlib import Path

from apps.rag.parsing.rtf import parse_rtf
from apps.rag.types import ParsedDocument
from tests.rag.parsing.files import find, texts

STYLES = r"{\stylesheet{\s0 Normal;}{\s1 heading 1;}{\s7\outlinelevel1 Own;}}"


def parsed(tmp_path: Path, body: str | bytes, head: str = r"\ansi\ansicpg936") -> ParsedDocument:
    path = tmp_path / "a.rtf"
    data = body if isinstance(body, bytes) else body.encode("ascii")
    path.write_bytes(b"{\\rtf1" + head.encode() + STYLES.encode() + b"\n" + data + b"}")
    return parse_rtf(path)


def test_outline_levels_and_heading_styles_make_headings(tmp_path: Path) -> None:
    body = r"""\pard\outlinelevel0 General\par\pard Text one.\par
\pard\s7 Scope\par\pard Text two.\par\pard\s1 Other\par\pard\outlinelevel9 Text three.\par"""
    document = parsed(tmp_path, body)
    assert find(document, "Text two").headings == ("General", "Scope")
    assert find(document, "Text three").headings == ("Other",)
    assert texts(document, "heading") == ["General", "Scope", "Other"]


def test_chinese_is_read_from_unicode_escapes_code_page_escapes_and_raw_bytes(tmp_path: Path) -> None:
    raw = "原始字节".encode("gbk")
    document = parsed(
        tmp_path,
        b"\\pard\\u20013?\\u25991? one\\par \\pard\\'d6\\'d0\\'ce\\'c4 two\\par \\pard "
        + raw
        + b" three\\par",
    )
    assert texts(document) == ["中文 one", "中文 two", "原始字节 three"]


def test_rows_become_a_table_and_bars_in_cells_stay_cells(tmp_path: Path) -> None:
    body = r"""\pard Before.\par\trowd\cellx1\cellx2\pard\intbl Name\cell Value\cell\row
\trowd\cellx1\cellx2\pard\intbl a|b\cell two\par lines\cell\row\pard After.\par"""
    document = parsed(tmp_path, body)
    assert texts(document) == ["Before.", "| Name | Value |\n| --- | --- |\n| a\\|b | two lines |", "After."]


def test_pictures_and_remote_templates_are_no_text(tmp_path: Path) -> None:
    picture = r"{\pict\pngblip " + "89504e47" * 2000 + "}"
    template = r"{\*\template http://203.0.113.1/evil.dot}"
    document = parsed(tmp_path, template + r"\pard Seen.\par" + picture)
    assert texts(document) == ["Seen."]
