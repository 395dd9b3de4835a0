"""Long files are read piece by piece, and what comes out is the same as when they are read whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from apps.rag.chunking import StructureChunker
from apps.rag.errors import ParseError
from apps.rag.parsing import build, grid
from apps.rag.parsing.office import workbook
from apps.rag.parsing.parser import AutoParser
from apps.rag.parsing.pdf import document as pdf_document
from apps.rag.parsing.pdf import spill
from apps.rag.parsing.stored import ElementsWriter, StoredElements, elements_in, stored_in, summary_in
from apps.rag.types import Element, ParsedDocument
from tests.rag.parsing.files import Pdf, source

PARAGRAPH = "Every employee shall file the form within thirty days of the journey, and keep a copy of it."


def streamed(path: Path) -> ParsedDocument:
    sent: list[Element] = []
    document = AutoParser().stream(source(path), sent.append)
    assert document.elements == ()
    return replace(document, elements=tuple(sent))


def long_pdf(path: Path, pages: int) -> Path:
    drawn = Pdf(path)
    for number in range(1, pages + 1):
        drawn.line("Handbook of the works council", y=30, size=9, font="Helvetica")
        if number % 3 == 1:
            drawn.line(f"{number} Section of page {number}", y=120, size=18, font="Helvetica-Bold")
        drawn.lines([PARAGRAPH, f"Rule {number} holds from the first day."], y=160)
        drawn.line(f"- {number} -", y=820, size=9, font="Helvetica")
        drawn.page()
    drawn.save()
    return path


def long_xlsx(path: Path, rows: int) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["Travel costs of the year"])
    sheet.append(["Number", "City", "Remark"])
    for number in range(rows):
        sheet.append([number, f"City {number % 7}", f"remark {number} with words" if number % 5 else None])
    sheet.merge_cells("B5:B9")
    sheet.append([])
    sheet.append(["Name", "Days"])
    sheet.append(["Li", 3])
    book.create_sheet("Empty")
    book.save(path)
    return path


def test_a_long_pdf_comes_out_the_same_from_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = long_pdf(tmp_path / "a.pdf", 12)
    whole = AutoParser().parse(source(path))
    monkeypatch.setattr(spill, "_HELD", 200)
    monkeypatch.setattr(pdf_document, "_REOPENED", 5)
    assert streamed(path) == whole
    assert whole.page_count == 12
    assert not any("Handbook" in element.text or "- 3 -" in element.text for element in whole.elements)
    assert [element.text for element in whole.elements if element.kind == "heading"] == [
        f"{number} Section of page {number}" for number in (1, 4, 7, 10)
    ]


def test_a_long_sheet_comes_out_the_same_whatever_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = long_xlsx(tmp_path / "a.xlsx", 400)
    whole = AutoParser().parse(source(path))
    monkeypatch.setattr(workbook, "_HELD", 100)
    monkeypatch.setattr(workbook, "_REMEMBERED", 3)
    for window in (37, 150):
        monkeypatch.setattr(grid, "WINDOW", window)
        assert streamed(path) == whole
    tables = [element for element in whole.elements if element.kind == "table"]
    assert all(table.text.startswith("| Number | City | Remark |") for table in tables[:-1])
    assert tables[-1].text.startswith("| Name | Days |")
    assert all(f"remark {number} " in "".join(table.text for table in tables) for number in (1, 199, 399))


def test_strings_of_a_workbook_lie_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_HELD", 10)
    strings = workbook.Strings()
    for text in ("", "第一", "b" * 1000, ""):
        strings.append(text)
    assert [strings[number] for number in range(len(strings))] == ["", "第一", "b" * 1000, ""]
    with pytest.raises(IndexError):
        strings[4]
    strings.close()


def stored(path: Path, elements: Sequence[Element]) -> Path:
    writer = ElementsWriter(path)
    for element in elements:
        writer.add(element)
    writer.close(ParsedDocument((), page_count=3, language="en", warnings=("w",), page_sizes=((1.0, 2.0),)))
    return path


ELEMENTS = [Element("paragraph", f"Text {n}\nand more 第{n}", page=n // 4 + 1) for n in range(10)]
ELEMENTS.append(Element("table", "| a |", sheet="S"))


def test_stored_elements_are_read_one_by_one(tmp_path: Path) -> None:
    path = stored(tmp_path / "e.json", ELEMENTS)
    found = stored_in(path)
    assert isinstance(found, StoredElements)
    assert (list(found), list(elements_in(path))) == (ELEMENTS, ELEMENTS)
    assert (found[7], found[-1], found[2:4]) == (ELEMENTS[7], ELEMENTS[-1], ELEMENTS[2:4])
    assert list(found.pages) == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 0]
    assert (summary_in(path).page_count, summary_in(path).warnings) == (3, ("w",))


def test_a_document_of_before_is_still_read(tmp_path: Path) -> None:
    from apps.rag.parsing.serial import document_to_json

    whole = ParsedDocument(tuple(ELEMENTS), page_count=3)
    path = tmp_path / "e.json"
    path.write_bytes(document_to_json(whole))
    assert list(stored_in(path)) == list(elements_in(path)) == ELEMENTS
    assert summary_in(path) == replace(whole, elements=())


@pytest.mark.parametrize("kept", [0, 10, 200, 400])
def test_half_a_file_is_refused(tmp_path: Path, kept: int) -> None:
    path = stored(tmp_path / "e.json", ELEMENTS)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ParseError) as caught:
        list(elements_in(path))
    with pytest.raises(ParseError):
        summary_in(path)
    assert caught.value.code == "crashed"


def test_the_language_is_told_by_all_of_a_long_document() -> None:
    builder = build.Builder(lambda element: None)
    for _ in range(60):
        builder.add("paragraph", "A cover in English, with a summary of what follows in it.")
    for number in range(3_000):
        builder.add("paragraph", f"第{number}条 各单位应当按照本办法的规定办理。")
    assert builder.document().language == "zh"


def test_passages_of_a_stream_are_those_of_the_whole(tmp_path: Path) -> None:
    given = source(long_pdf(tmp_path / "a.pdf", 9))
    whole = AutoParser().parse(given)
    chunker = StructureChunker(max_units=60, overlap_units=0)
    passages = chunker.split(given, whole)
    assert list(chunker.stream(given, iter(whole.elements), language=whole.language)) == passages
    assert len(passages) > 5
