"""Everyday words lead to the official ones that documents use, and are told of."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from apps.rag.facets import MAX_OFFICIAL, Facets, understand
from apps.rag.gathering import OFFICIAL_WEIGHT, Asked, query_vector
from apps.rag.sparse import BigramEncoder, fold, term_id
from apps.rag.wording import MAX_WORDINGS, PATH, lexicon, meant_terms, read, wordings
from tests.rag.retrieval.make import chunk
from tests.rag.retrieval.test_exact_leg import Library, ask, library  # noqa: F401

TODAY = date(2026, 11, 22)


def meant(question: str) -> dict[str, tuple[str, ...]]:
    return {one.said: one.meant for one in wordings(fold(question))}


def asked(question: str) -> Asked:
    return Asked(question, "zh", None, {"sparse": 1.0}, (), understand(question, today=TODAY))


@pytest.mark.parametrize(
    ("question", "said", "official"),
    [
        ("我老公打孩子", "老公", "配偶"),
        ("我老公打孩子", "孩子", "子女"),
        ("公司不发工资怎么办", "不发工资", "拖欠劳动报酬"),
        ("出差怎么报销", "出差", "差旅费"),
        ("被開除了", "开除", "解除劳动合同"),  # traditional characters
        ("I was fired last week", "fire", "dismissal"),
        ("how many days off do I get", "day off", "annual leave"),
        ("KTV里摔伤", "ktv", "经营场所"),
    ],
)
def test_an_everyday_word_means_official_ones(question: str, said: str, official: str) -> None:
    assert official in meant(question)[said]


@pytest.mark.parametrize(
    "question", ["公司法第十条", "人民政府的职责", "战国无双3的角色", "the battle of Hastings", "？！", ""]
)
def test_official_and_foreign_words_are_left_alone(question: str) -> None:
    assert wordings(fold(question)) == ()


def test_the_longest_entry_counts_and_none_within_it() -> None:
    assert list(meant("开发商不交房")) == ["开发商", "不交房"]
    assert "房子" not in meant("婚前的房子归谁")


def test_added_words_weigh_less_and_spelled_ones_keep_their_weight() -> None:
    vector = query_vector(asked("配偶和老公"), BigramEncoder())
    weights = dict(zip(vector.indices, vector.values, strict=True))
    assert weights[term_id("配偶")] == 1.0
    assert weights[term_id("夫妻")] == OFFICIAL_WEIGHT


def test_a_rule_in_official_words_is_found_by_everyday_ones(library: Library) -> None:  # noqa: F811
    library.add(*(chunk(f"第{n}号房间的钥匙由老张保管，公司已登记。") for n in range(1, 30)))
    wanted = chunk("用人单位未及时足额支付劳动报酬的，劳动者可以解除劳动合同。")
    library.add(wanted)
    assert ask(library, "老板欠薪我能走吗").passages[0].chunk.id == wanted.id
    assert wanted.id not in {one.chunk.id for one in ask(library, "老板欠薪", understand=False).passages}


def test_an_explanation_names_what_was_added(library: Library) -> None:  # noqa: F811
    library.add(chunk("配偶有相互继承遗产的权利。"))
    told = ask(library, "老公的钱归谁").explanation
    assert told is not None
    assert {"老公", "配偶"} <= set(told.terms)
    assert [(one.said, one.meant[0]) for one in told.facets.wording] == [("老公", "配偶")]


@pytest.mark.parametrize(
    "question", ["老公" * 1000, "老公老婆房东租客公司员工" * 100, "fired boss " * 180, "一" * 2000]
)
def test_a_long_question_adds_no_more_than_its_bound(question: str) -> None:
    facets = understand(question, today=TODAY)
    assert len(facets.wording) <= MAX_WORDINGS
    assert len(facets.official_terms) <= MAX_OFFICIAL


def test_nothing_is_added_where_understanding_is_off() -> None:
    plain = Asked("老公", "zh", None, {"sparse": 1.0}, (), Facets())
    assert query_vector(plain, BigramEncoder()) == BigramEncoder().encode_query("老公")


def test_every_entry_of_the_lexicon_can_match_and_adds_a_term() -> None:
    for script in ("han", "latin"):
        for said, official in lexicon(script).entries.items():
            assert said == fold(said), said
            assert not official or meant_terms(official), said


def test_the_file_says_each_word_once() -> None:
    for rows in json.loads(PATH.read_text(encoding="utf-8")).values():
        words = [word for said, _ in rows for word in said]
        assert len(words) == len(set(words))


def test_entries_of_one_word_add_up_and_a_foreign_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.json"
    file.write_text('{"han": [[["甲"], ["乙"]], [["甲", "甲方"], ["丙"]]], "latin": []}', encoding="utf-8")
    assert read(file, script="han").entries == {"甲": ("乙", "丙"), "甲方": ("丙",)}
    file.write_text('{"words": []}', encoding="utf-8")
    with pytest.raises(KeyError):
        read(file, script="han")
