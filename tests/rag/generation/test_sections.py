"""Reading around a passage: neighbours of its section, bounded, given once, the passage itself untouched."""

from __future__ import annotations

from uuid import UUID, uuid5

from apps.rag.checks import check_answer
from apps.rag.prompts import build_prompt
from apps.rag.sections import LONGEST, sources_of
from apps.rag.types import Chunk, ScoredChunk

DOCUMENT = UUID(int=7)
HEADER = "| Grade | Night |\n| --- | --- |\n"


def chunk(
    index: int, text: str, *, headings: tuple[str, ...] = ("Leave",), document: UUID = DOCUMENT
) -> Chunk:
    return Chunk(uuid5(document, f"1:{index}"), document, 1, index, "Handbook", text, headings)


def read(found: list[Chunk], neighbours: list[Chunk]):
    return sources_of([ScoredChunk(item, 1.0) for item in found], neighbours)


def test_neighbours_under_the_same_headings_surround_the_passage() -> None:
    (source,) = read([chunk(2, "Middle.")], [chunk(1, "Before."), chunk(2, "Middle."), chunk(3, "After.")])
    assert (source.before, source.after) == ("Before.\n", "\nAfter.")
    assert source.text == "Before.\nMiddle.\nAfter." and source.passage.chunk.text == "Middle."


def test_another_section_and_another_document_stay_away() -> None:
    others = [
        chunk(1, "Travel.", headings=("Travel",)), chunk(3, "Gap."), chunk(4, "Beyond."),
        chunk(3, "Foreign.", document=UUID(int=8)),
    ]  # fmt: skip
    (source,) = read([chunk(2, "Middle.")], [others[0], others[2], others[3]])
    assert source.text == "Middle."


def test_what_lies_behind_a_gap_is_not_joined() -> None:
    (source,) = read([chunk(0, "First.")], [chunk(2, "Third.")])
    assert source.text == "First."


def test_two_passages_of_one_section_share_it_without_repeating() -> None:
    found = [chunk(2, "Two."), chunk(4, "Four.")]
    best, second = read(found, [chunk(index, f"N{index}.") for index in (1, 3, 5)])
    assert best.text == "N1.\nTwo.\nN3." and second.text == "Four.\nN5."


def test_the_surroundings_are_bounded() -> None:
    near = [chunk(index, "字" * 700) for index in (0, 1, 3, 4)]
    (source,) = read([chunk(2, "年假五天。")], near)
    assert 1400 < len(source.text) <= LONGEST + 10


def test_a_repeated_piece_of_a_cut_paragraph_stands_once() -> None:
    first, overlap, last = "One part of it. ", "The sentence that both parts hold. ", "The end."
    (source,) = read([chunk(1, overlap + last)], [chunk(0, first + overlap)])
    assert source.text == first + overlap + last
    (source,) = read([chunk(0, first + overlap)], [chunk(1, overlap + last)])
    assert source.text == first + overlap + last


def test_a_repeated_table_header_stands_once() -> None:
    (source,) = read(
        [chunk(0, HEADER + "| A | 1 |")], [chunk(1, HEADER + "| B | 2 |"), chunk(2, HEADER + "| C | 3 |")]
    )
    assert source.text == HEADER + "| A | 1 |\n| B | 2 |\n| C | 3 |"


def test_a_narrow_budget_keeps_every_passage_before_any_surroundings() -> None:
    found = [chunk(index * 3, f"第{index}条规定了年休假的天数。" * 10) for index in range(5)]
    sources = read(found, [chunk(index * 3 + 1, "这一段只是上下文。" * 60) for index in range(5)])
    prompt = build_prompt("年假几天？", sources, language="zh", budget=1900)
    assert [source.number for source in prompt.sources] == [1, 2, 3, 4, 5]
    widened = [source.number for source in prompt.sources if source.after]
    assert widened and widened == list(range(1, len(widened) + 1)) and len(widened) < 5
    assert prompt.tokens <= 1900


def test_a_claim_from_the_surroundings_is_supported() -> None:
    (source,) = read(
        [chunk(0, "Annual leave is regulated here.")],
        [chunk(1, "Managers approve leave of 12 days within 3 days.")],
    )
    (check,) = check_answer("Managers approve leave of 12 days within 3 days [1].", [source])
    assert check.verdict == "supported"
