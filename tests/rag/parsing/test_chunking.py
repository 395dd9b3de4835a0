from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.rag.chunking import StructureChunker
from apps.rag.parsing.measure import units
from apps.rag.types import Box, Chunk, Element, ParsedDocument, SourceFile, chunk_id

SOURCE = SourceFile(
    uuid.UUID(int=1), 3, uuid.UUID(int=2), uuid.UUID(int=3), "员工手册", Path("a.md"), "text/markdown"
)


def split(*elements: Element, **options: int) -> list[Chunk]:
    return StructureChunker(**options).split(SOURCE, ParsedDocument(elements=elements, language="zh"))


def paragraph(text: str, *headings: str, page: int | None = None) -> Element:
    box = Box(page, 1, 2, 3, 4) if page else None
    return Element("paragraph", text, page=page, box=box, headings=headings)


def test_small_neighbours_under_one_heading_are_one_chunk() -> None:
    chunks = split(
        Element("heading", "总则", level=1),
        paragraph("第一段。", "总则", page=1),
        paragraph("第二段。", "总则", page=2),
        Element("heading", "附则", level=1),
        paragraph("第三段。", "附则", page=2),
    )
    assert [(chunk.text, chunk.headings) for chunk in chunks] == [
        ("第一段。\n第二段。", ("总则",)),
        ("第三段。", ("附则",)),
    ]
    assert (chunks[0].page_start, chunks[0].page_end, len(chunks[0].boxes)) == (1, 2, 2)
    assert [chunk.id for chunk in chunks] == [chunk_id(SOURCE.document_id, 3, index) for index in (0, 1)]
    assert {chunk.language for chunk in chunks} == {"zh"}


def test_articles_stay_whole_with_their_paragraphs() -> None:
    articles = [
        part
        for number in "一二三四五六"
        for part in (
            paragraph(
                f"第{number}条　{'用人单位应当依法建立和完善劳动规章制度' * 4}，有下列情形：", "第一章"
            ),
            paragraph(f"（一）{'情形的说明文字' * 10}；", "第一章"),
        )
    ]
    chunks = split(*articles)
    for chunk in chunks:
        assert chunk.text.startswith("第")
        assert chunk.text.count("条　") == chunk.text.count("（一）")


def test_a_table_is_cut_between_rows_and_each_part_has_the_header() -> None:
    rows = [f"| {number} | {'说明文字' * 10} |" for number in range(60)]
    chunks = split(Element("table", "\n".join(["| 编号 | 说明 |", "| --- | --- |", *rows])))
    assert len(chunks) > 3
    seen = []
    for chunk in chunks:
        head, rule, *body = chunk.text.split("\n")
        assert (head, rule) == ("| 编号 | 说明 |", "| --- | --- |")
        seen += body
    assert seen == rows


def test_a_long_paragraph_is_cut_at_sentences_with_overlap() -> None:
    sentences = [f"这是第{number}个句子，用来说明长段落怎样切分。" for number in range(80)]
    chunks = split(paragraph("".join(sentences)))
    assert len(chunks) > 3
    assert all(chunk.text.endswith("。") and units(chunk.text) <= 400 for chunk in chunks)
    assert any(chunks[1].text.startswith(sentence) and sentence in chunks[0].text for sentence in sentences)


def test_english_aims_at_some_two_hundred_words() -> None:
    chunks = split(
        paragraph("The committee meets on the first Monday of each month to discuss the plan. " * 100)
    )
    assert all(120 < len(chunk.text.split()) < 240 for chunk in chunks[:-1])
    assert {chunk.language for chunk in chunks} == {"en"}


def test_code_keeps_its_lines() -> None:
    code = "\n".join(f"value_{number} = compute(number={number})" for number in range(200))
    chunks = split(Element("code", code))
    assert len(chunks) > 1
    assert "\n".join(chunk.text for chunk in chunks) == code


def test_a_heading_with_nothing_below_is_text() -> None:
    chunks = split(
        Element("heading", "第一章", level=1),
        Element("heading", "第二章", level=1),
        paragraph("正文", "第二章"),
    )
    assert [chunk.text for chunk in chunks] == ["第一章", "正文"]


def test_sheets_do_not_mix_and_cell_ranges_are_joined() -> None:
    chunks = split(
        Element("table", "| a | b |\n| --- | --- |\n| 1 | 2 |", sheet="一", cells="A1:B2"),
        Element("paragraph", "注", sheet="一", cells="C4:AA4"),
        Element("paragraph", "别处", sheet="二", cells="A1:A1"),
    )
    assert [(chunk.sheet, chunk.cells) for chunk in chunks] == [("一", "A1:AA4"), ("二", "A1:A1")]


def test_a_sentence_cut_by_a_page_break_is_joined() -> None:
    before = "本单位应当按照国家有关规定建立健全安全生产责任制和各项规章制度，并且定期对全体从业人员"
    chunks = split(paragraph(before, page=1), paragraph("开展教育和培训。", page=2))
    assert chunks[0].text == f"{before}开展教育和培训。"


def test_sizes_that_cannot_work_are_refused() -> None:
    with pytest.raises(ValueError):
        StructureChunker(max_units=10)
    with pytest.raises(ValueError):
        StructureChunker(overlap_units=300)


TEXT = st.text(
    alphabet="的一是在了人有我他这。，；！\n a bcXYZ.0123456789|-：条第《》(\t", min_size=1, max_size=900
).filter(lambda text: text.strip())
HEADINGS = st.lists(st.sampled_from(["总则", "附则", "Scope"]), max_size=2).map(tuple)
ELEMENTS = st.lists(
    st.builds(
        Element,
        kind=st.sampled_from(["title", "heading", "paragraph", "list", "table", "code", "image"]),
        text=TEXT,
        headings=HEADINGS,
        page=st.one_of(st.none(), st.integers(1, 5)),
    ),
    min_size=1,
    max_size=12,
)


def solid(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=150, deadline=None)
@given(ELEMENTS, st.sampled_from([50, 120, 400]))
def test_no_chunk_is_empty_and_no_text_is_lost_or_moved(elements: list[Element], size: int) -> None:
    chunks = split(*elements, max_units=size, overlap_units=size // 10)
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert all(chunk.text.strip() for chunk in chunks)
    whole = solid("".join(chunk.text for chunk in chunks)) + solid(
        "".join("".join(chunk.headings) for chunk in chunks)
    )
    place = 0
    for element in elements:
        for line in element.text.split("\n"):
            for char in set(solid(line)):
                assert char in whole
        if element.kind == "paragraph" and units(element.text) <= size and "\n" not in element.text.strip():
            found = whole.find(solid(element.text), place)
            assert found >= 0
            place = found


@settings(max_examples=60, deadline=None)
@given(TEXT, st.sampled_from([50, 200]))
def test_without_overlap_a_paragraph_is_its_chunks(text: str, size: int) -> None:
    chunks = split(paragraph(text), max_units=size, overlap_units=0)
    assert solid("".join(chunk.text for chunk in chunks)) == solid(text)
    assert all(units(chunk.text) <= size + 1 for chunk in chunks)
