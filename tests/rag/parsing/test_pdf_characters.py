"""Characters of a page are asked for in bulk: each has the code and the box that pdfium gives for it alone."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2.raw as raw
import pytest

from apps.rag.parsing.pdf.characters import HYPHEN, Characters, read_characters
from apps.rag.parsing.pdf.document import opened
from apps.rag.parsing.pdf.lines import page_matrix, read_lines

HELVETICA = "/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding"
# "A" stands for a character beyond the basic plane, "B" for an ideograph, "C" for nothing known.
TO_UNICODE = (
    "begincmap 1 begincodespacerange <00> <FF> endcodespacerange 4 beginbfchar "
    "<41> <D842DFB7> <42> <6761> <43> <FFFE> <20> <0020> endbfchar endcmap"
)


def written(path: Path, content: str, *, mapped: bool = False) -> Path:
    """A page of that content; `mapped` letters mean what TO_UNICODE says."""
    font = f"<< {HELVETICA}{' /ToUnicode 6 0 R' if mapped else ''} >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        "/Resources << /Font << /F 4 0 R >> >> >>",
        font,
        *(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream" for text in (content, TO_UNICODE)),
    ]
    body = "".join(f"{number} 0 obj\n{text}\nendobj\n" for number, text in enumerate(objects, start=1))
    path.write_text(f"%PDF-1.7\n{body}trailer << /Root 1 0 R /Size 7 >>\n%%EOF\n")
    return path


@contextmanager
def characters(path: Path) -> Iterator[tuple[Any, Any, Characters]]:
    with opened(path) as document:
        page = document[0]
        text = page.get_textpage()
        yield page, text, read_characters(text.raw, page_matrix(page), skip_invisible=False)
        text.close()
        page.close()


def line(text: str, y: float, *, size: float = 6) -> str:
    return f"BT /F {size} Tf 40 {y} Td ({text}) Tj ET\n"


def test_more_characters_than_are_asked_for_at_once_each_have_their_own_box(tmp_path: Path) -> None:
    words = "Nothing leaves the store room without a signature and a second one. " * 2
    content = "".join(line(words, 800 - 7 * number, size=4) for number in range(100))
    rect = raw.FS_RECTF()
    with characters(written(tmp_path / "long.pdf", content)) as (_page, text, found):
        assert len(found) > 2 * 4_096
        for place in range(0, len(found), 97):
            number = int(found.numbers[place])
            assert found.codes[place] == raw.FPDFText_GetUnicode(text.raw, number)
            assert raw.FPDFText_GetLooseCharBox(text.raw, number, ctypes.byref(rect))
            assert (found.x0[place], found.x1[place]) == pytest.approx((rect.left, rect.right), abs=0.02)
            assert (found.y0[place], found.y1[place]) == pytest.approx(
                (842 - rect.top, 842 - rect.bottom), abs=0.02
            )


def test_a_hyphen_at_the_end_of_a_line_is_one(tmp_path: Path) -> None:
    content = line("The regu-", 700, size=12) + line("lation holds.", 686, size=12)
    with characters(written(tmp_path / "hyphen.pdf", content)) as (page, text, found):
        assert HYPHEN in found.codes
        assert [one.text for one in read_lines(page, text, skip_invisible=False)] == [
            "The regu-",
            "lation holds.",
        ]


def test_characters_beyond_the_basic_plane_and_unknown_ones_do_not_shift_the_others(tmp_path: Path) -> None:
    content = line("AB CB D", 700, size=12)
    with characters(written(tmp_path / "planes.pdf", content, mapped=True)) as (page, text, found):
        assert chr(found.codes[0]) == "\U00020bb7"
        assert chr(found.codes[1]) == "条"
        assert list(found.x0) == sorted(found.x0)
        (read,) = read_lines(page, text, skip_invisible=False)
        assert read.text.startswith("\U00020bb7条")
        assert read.x0 == pytest.approx(40, abs=0.1)


def test_a_page_without_text_has_no_lines(tmp_path: Path) -> None:
    with characters(written(tmp_path / "empty.pdf", "0 0 100 100 re f\n")) as (page, text, found):
        assert len(found) == 0
        assert read_lines(page, text, skip_invisible=True) == []
