"""The quote of a citation is the sentence of the passage that the claim rests on."""

from __future__ import annotations

from apps.rag.citations import best_quote
from tests.rag.generation.passages import LEAVE, TRAVEL, TRAVEL_TABLE

LAW = "第一条 总则。职工工作满一年的，年休假5天。满十年的，年休假10天。本办法自发布之日起施行。"


def test_a_figure_decides_between_alike_sentences() -> None:
    assert best_quote("年休假为五天 [1]", LAW).text == "职工工作满一年的，年休假5天。"
    assert best_quote("满十年的年休假为十天", LAW).text == "满十年的，年休假10天。"


def test_a_row_of_a_table_is_a_quote() -> None:
    assert "800" in best_quote("总监的住宿标准是每晚800元 [1]", TRAVEL_TABLE).text


def test_the_places_are_those_of_the_passage() -> None:
    for claim, passage in (("跨年须在3月31日前休完", LEAVE), ("Claims are filed within 30 days", TRAVEL)):
        quote = best_quote(claim, passage)
        assert quote.text == passage[quote.start : quote.end]
    assert (
        best_quote("Claims are filed within 30 days", TRAVEL).text
        == "Claims must be filed within 30 days of the trip."
    )


def test_a_claim_from_two_sentences_is_quoted_with_both() -> None:
    quote = best_quote("住宿每晚六百元，餐费每天一百元", "住宿每晚六百元。餐费每天一百元。其他自理。")
    assert quote.text == "住宿每晚六百元。餐费每天一百元。"


def test_an_empty_passage_has_no_quote() -> None:
    assert best_quote("五天", " \n") == best_quote("", "")
    assert best_quote("五天", "").text == ""
