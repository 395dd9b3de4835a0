"""The demo cabinet: its files are there, hold what the golden questions ask for, and fit their sources."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from email import policy
from email.parser import BytesParser
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize
from zipfile import ZipFile, is_zipfile

import docx
import openpyxl
import pypdfium2
import pytest
from bs4 import BeautifulSoup
from pptx import Presentation

from apps.cabinets.demo import MEDIA_TYPES, DemoFile, GoldenQuestion, demo_files, golden
from apps.cabinets.demo.build import GB18030_TEXT, SOURCES, build

FILES = {file.name: file for file in demo_files()}
QUESTIONS = golden().questions
ANSWERABLE = [question for question in QUESTIONS if not question.unanswerable]
GB18030_NAME = GB18030_TEXT.as_posix()
WHITE_SPACE = re.compile(r"\s+")


def squeeze(text: str) -> str:
    return WHITE_SPACE.sub("", normalize("NFKC", text))


def pdf_pages(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    return [document[index].get_textpage().get_text_bounded() for index in range(len(document))]


def docx_text(path: Path) -> str:
    return "\n".join(
        node.text or "" for node in docx.Document(str(path)).element.body.iter() if node.tag.endswith("}t")
    )


def xlsx_text(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    return "\n".join(
        str(value) for sheet in book for row in sheet.values for value in row if value is not None
    )


def pptx_pages(path: Path) -> list[str]:
    return ["\n".join(slide_lines(slide)) for slide in Presentation(str(path)).slides]


def slide_lines(slide: Any) -> Iterator[str]:
    for shape in slide.shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text
        if shape.has_table:
            yield from (cell.text for row in shape.table.rows for cell in row.cells)
    if slide.has_notes_slide:
        yield slide.notes_slide.notes_text_frame.text


def eml_text(path: Path) -> str:
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([message["Subject"], *parts])


def plain_text(path: Path) -> str:
    return path.read_text(encoding="gb18030" if path.as_posix().endswith(GB18030_NAME) else "utf-8")


READERS: dict[str, Callable[[Path], str]] = {
    ".pdf": lambda path: "\n".join(pdf_pages(path)),
    ".docx": docx_text,
    ".xlsx": xlsx_text,
    ".pptx": lambda path: "\n".join(pptx_pages(path)),
    ".eml": eml_text,
    ".html": lambda path: BeautifulSoup(path.read_bytes(), "html.parser").get_text(),
    ".md": plain_text,
    ".txt": plain_text,
    ".csv": plain_text,
}
PAGES = {".pdf": pdf_pages, ".pptx": pptx_pages}


@cache
def text_of(name: str) -> str:
    path = FILES[name].path
    return squeeze(READERS[path.suffix](path))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    build(folder, pdf=False)
    return folder


def test_every_format_is_present() -> None:
    assert {file.path.suffix for file in FILES.values()} == set(MEDIA_TYPES)
    assert all(file.media_type == MEDIA_TYPES[file.path.suffix] for file in FILES.values())


def test_files_lie_in_folders_and_stay_small() -> None:
    assert {file.folder for file in FILES.values()} == {"制度", "通知", "会议", "培训", "行政", "English"}
    assert sum(file.path.stat().st_size for file in FILES.values()) < 2_000_000


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_a_file_is_a_real_document_without_mangled_characters(file: DemoFile) -> None:
    text = text_of(file.name)
    assert len(text) > 900
    assert not re.search("[\ufffd\ue000-\uf8ff]", text)


def test_the_travel_rules_span_pages() -> None:
    assert len(pdf_pages(FILES["制度/差旅费管理办法.pdf"].path)) >= 3


def test_the_gb18030_text_is_not_utf8_and_needs_the_whole_of_gb18030() -> None:
    data = FILES[GB18030_NAME].path.read_bytes()
    assert "档案保管期限" in data.decode("gb18030")
    for narrower in ("utf-8", "gbk"):
        with pytest.raises(UnicodeDecodeError):
            data.decode(narrower)


def test_the_mail_has_an_encoded_subject_and_a_text_attachment() -> None:
    data = FILES["通知/新报销系统上线提醒.eml"].path.read_bytes()
    assert data.isascii() and b"Subject: =?utf-8?b?" in data
    message = BytesParser(policy=policy.default).parsebytes(data)
    assert "云报" in message["Subject"]
    assert [part.get_filename() for part in message.iter_attachments()] == ["云报培训场次.txt"]


def test_amounts_of_the_stationery_list_add_up() -> None:
    text = FILES["行政/办公用品领用清单.csv"].path.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) > 40
    for row in rows:
        assert float(row["金额（元）"]) == pytest.approx(int(row["数量"]) * float(row["单价（元）"]))


def test_prices_are_numbers_on_two_sheets() -> None:
    book = openpyxl.load_workbook(FILES["行政/场馆与服务价目表.xlsx"].path)
    assert book.sheetnames == ["场地租赁", "服务与文创"]
    prices = [row[5] for row in book["场地租赁"].iter_rows(min_row=4, max_row=17, values_only=True)]
    assert all(isinstance(price, int) for price in prices)


def test_golden_questions_have_the_promised_mix() -> None:
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS) == 32
    languages = [question.language for question in ANSWERABLE]
    assert (languages.count("zh"), languages.count("en")) == (20, 10)
    assert sum(len(question.documents) == 2 for question in ANSWERABLE) == 3
    assert len(golden().suggestions.zh) == len(golden().suggestions.en) == 4


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question.id)
def test_a_cited_document_holds_each_required_string(question: GoldenQuestion) -> None:
    wanted = [squeeze(string) for string in question.must_contain]
    texts = [text_of(name) for name in question.documents]
    assert wanted and texts
    assert all(any(string in text for text in texts) for string in wanted)
    assert all(any(string in text for string in wanted) for text in texts)


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question.id)
def test_a_question_about_pages_names_the_one_that_answers(question: GoldenQuestion) -> None:
    first = FILES[question.documents[0]]
    assert (question.page is not None) == (first.path.suffix in PAGES)
    if question.page is not None:
        page = squeeze(PAGES[first.path.suffix](first.path)[question.page - 1])
        strings = [squeeze(string) for string in question.must_contain]
        own = [string for string in strings if string in text_of(first.name)]
        assert all(string in page for string in own)


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q.unanswerable], ids=lambda question: question.id
)
def test_an_unanswerable_question_cites_nothing(question: GoldenQuestion) -> None:
    assert (question.documents, question.must_contain, question.page) == ((), (), None)


def members(path: Path) -> dict[str, bytes]:
    if not is_zipfile(path):
        return {path.name: path.read_bytes()}
    with ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_a_fresh_build_gives_the_committed_files(fresh: Path) -> None:
    built = {path.relative_to(fresh).as_posix(): path for path in fresh.rglob("*") if path.is_file()}
    assert {Path(name).suffix for name in built} == {".docx", ".xlsx", ".pptx", ".eml", ".txt"}
    for name, path in built.items():
        assert members(path) == members(FILES[name].path), (
            f"{name} differs: run python -m apps.cabinets.demo.build"
        )


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".pdf")])
def test_a_pdf_holds_the_paragraphs_of_its_source(name: str) -> None:
    source = (SOURCES / name).with_suffix(".md").read_text(encoding="utf-8").split("\n---\n", 1)[1]
    # A PDF breaks lines at hyphens and pages inside paragraphs, so compare starts of paragraphs.
    starts = [
        squeeze(re.sub(r"[*#>]|^[-\d]+\.? ", "", line))[:12]
        for line in source.splitlines()
        if "|" not in line
    ]
    assert [start for start in starts if start.strip("-") not in text_of(name)] == []


def test_golden_json_cites_only_files_of_the_cabinet() -> None:
    raw = json.loads((Path(SOURCES).parent / "golden.json").read_text(encoding="utf-8"))
    cited = {name for question in raw["questions"] for name in question["documents"]}
    assert cited <= set(FILES)
    assert {Path(name).suffix for name in cited} == set(MEDIA_TYPES)
