"""The rank of rules of the state: what a title says of it, and that it counts only among such rules."""

from __future__ import annotations

import pytest

from apps.rag.rerankers.features import NAMES, Candidate, measure
from apps.rag.rerankers.learned import LearnedReranker
from apps.rag.rerankers.norms import bare, rank_of, ranks

from .make import chunk


@pytest.mark.parametrize(
    ("title", "rank"),
    [
        ("中华人民共和国民法典第五十四条", "code"),
        ("中华人民共和国刑法（2020年修正）", "code"),
        ("《民事诉讼法》", "code"),
        ("劳动合同法第十条", "law"),
        ("中华人民共和国公司法", "law"),
        ("最高人民法院关于适用《中华人民共和国民法典》时间效力的若干规定第一条", "reading"),
        ("物业管理条例第二十一条", "other"),
        ("中华人民共和国专利法实施细则", "other"),
        ("人民检察院刑事诉讼规则第一条", "other"),
        ("差旅费管理办法", ""),
        ("员工手册", ""),
        ("气体离心法", ""),
        ("用户调研方法", ""),
        ("书法", ""),
        ("travel", ""),
        ("", ""),
        ("第三条", ""),
    ],
)
def test_a_title_tells_the_rank(title: str, rank: str) -> None:
    assert rank_of(title) == rank


def test_articles_that_are_filed_apart_belong_to_their_rule() -> None:
    assert bare("劳动合同法第十条") == "劳动合同法"
    assert bare("劳动合同法") == "劳动合同法"


def test_beside_the_rules_of_an_organisation_no_rank_counts() -> None:
    state = ["民法典第一条", "公司法第一条", "物业管理条例第一条", "最高人民法院关于审理旅游纠纷案件的规定"]
    assert ranks(state) == ["code", "law", "other", "reading"]
    assert ranks([*state, "考勤管理办法"]) == ["code", "law", "other", "reading", ""]
    assert ranks([*state, "考勤管理办法", "员工手册"]) == [""] * 6
    assert ranks([]) == []


def test_of_two_rules_that_say_the_same_the_higher_stands_first() -> None:
    text = "房屋出租人应当履行租赁物的维修义务。"
    titles = ["房屋租赁管理条例第九条", "中华人民共和国民法典第七百一十二条"]
    candidates = [
        Candidate(chunk(text, title=title), place, 0.9, {"sparse": 0.9}) for place, title in enumerate(titles)
    ]
    low, high = LearnedReranker().judge("房东不修房子怎么办", candidates)
    assert high.score > low.score
    assert (low.features["code"], high.features["code"]) == (0.0, 1.0)


def test_ranks_are_features_of_their_own() -> None:
    found = measure(
        "年假", [Candidate(chunk("年假", title="劳动法第四十五条"), 0, 1.0, {"sparse": 1.0})]
    ).rows
    assert [found[0][NAMES.index(name)] for name in ("code", "law", "reading")] == [0, 1, 0]


def rule(text: str, *, place: int = 0) -> Candidate:
    return Candidate(chunk(text, title=f"劳动法第{place + 1}条"), place, 0.5, {"sparse": 0.5})


def feature(name: str, query: str, *texts: str) -> list[float]:
    rows = measure(query, [rule(text, place=place) for place, text in enumerate(texts)]).rows
    return [float(row[NAMES.index(name)]) for row in rows]


def test_among_rules_an_everyday_word_is_held_by_an_official_one() -> None:
    official, said, neither = feature(
        "official",
        "老板欠薪",
        "用人单位不得拖欠劳动报酬。",
        "任何老板欠薪的，应当补发。",
        "本法自公布之日起施行。",
    )
    assert said == 1 and 0.5 < official < 1 and neither == 0


def test_among_rules_a_term_in_a_short_one_says_more() -> None:
    short, long = feature("bm25", "年休假", "年休假五天。", "年休假五天。" + "各单位应当安排职工休息。" * 20)
    assert short == 1 and long < 0.8


def test_the_line_of_rules_is_not_used_for_other_passages() -> None:
    found = measure(
        "年休假", [Candidate(chunk("年休假五天", title="员工手册"), 0, 1.0, {"sparse": 1.0})]
    ).rows
    assert not found[0][NAMES.index("rules") :].any()
