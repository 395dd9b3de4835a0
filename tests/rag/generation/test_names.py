"""Names that an answer gives must stand in what it cites."""

from __future__ import annotations

import pytest

from apps.rag.checks import check_answer, says_not_found
from apps.rag.names import names
from tests.rag.generation.passages import source


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("详见《差旅管理办法》。", {"差旅管理办法"}),
        ("审批由张伟经理负责。", {"张伟"}),
        ("联系人：王小明，电话另附。", {"王小明"}),
        ("Ask for approval by Alice Johnson first.", {"alice johnson"}),
        ("请连接 VPN 后登录。", {"vpn"}),
        ("Please write to help@example.com.", {"help@example.com"}),
        ("经理应当在三天内审批。", set()),
        ("Hotels cost at most 380 yuan a night.", set()),
    ],
)
def test_names_are_seen(text: str, found: set[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("报销由张伟经理审批。[1]", "supported"), ("报销由李强经理审批。[1]", "unsupported")],
)
def test_a_name_that_the_passage_does_not_hold_is_missing(answer: str, verdict: str) -> None:
    (check,) = check_answer(answer, [source(1, "报销由张伟经理审批，三天内打款。")])
    assert check.verdict == verdict
    assert ("李强" in check.missing) == (verdict == "unsupported")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("资料中没有找到。最接近的是差旅标准。", True),
        ("资料中没有找到直接的回答，最接近的内容是：", True),
        ("抱歉，提供的资料中未提及该内容。", True),
        ("Not found in the documents. The closest is travel.", True),
        ("The documents do not say.", True),
        ("年休假为五天。没有找到更多。", False),
        ("Five days.", False),
    ],
)
def test_an_answer_that_says_it_found_nothing_is_known(text: str, said: bool) -> None:
    assert says_not_found(text) is said
