"""Each rule finds its wrong example, leaves its right one, and repairs the one into the other where it can."""

from __future__ import annotations

import pytest

from apps.office.proofreading.catalogue import RunnableRule, rules
from apps.office.proofreading.page_layout import PageLayout
from apps.office.proofreading.rule_layer import find
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import CATEGORIES, SEVERITIES, Finding

GOOD = PageLayout(
    margins_mm={"top": 37, "left": 28, "bottom": 35, "right": 26}, title_line=0, title_font="方正小标宋简体",
    title_pt=22, body_line=1, body_font="仿宋_GB2312", body_pt=16, line_pt=28.95, footer_text="— 1 —",
    footer_has_number=True,
)  # fmt: skip
BAD = PageLayout(
    margins_mm={"top": 25.4, "left": 28, "bottom": 35, "right": 26}, title_line=0, title_font="黑体", title_pt=22,
    body_line=1, body_font="宋体", body_pt=12, line_pt=29, footer_text="第1页", footer_has_number=True,
)  # fmt: skip
# A reply to two readings: these have no single right text.
SEVERAL = {"N14", "N17", "N18", "F21", "S06", "S07", "G08", "F22", "S10", "G10", "S08", "K01", "S03", "G05", "N22", "W04", "F18", "P33", "F20"}  # fmt: skip


def found(rule: RunnableRule, text: str, layout: PageLayout | None = None) -> list[Finding]:
    kind = {"F21": "请示", "F20": "报告"}.get(rule.rule.id, "")
    draft = Draft(text, kind=kind, layout=layout)
    return list(find(draft, only=frozenset({rule.rule.id})))


def repaired(text: str, findings: list[Finding]) -> str:
    for finding in reversed(findings):
        value = finding.suggestions[0].value
        text = text[: finding.offset] + value + text[finding.end :]
    return text


ALL = [pytest.param(rule, id=rule.rule.id) for rule in rules()]


@pytest.mark.parametrize("rule", ALL)
def test_a_rule_finds_its_wrong_example_and_leaves_its_right_one(rule):
    example = rule.rule.example
    if rule.rule.id in {"F26", "F27", "F28", "F29", "F30"}:
        assert found(rule, "关于开会的通知\n正文", BAD)
        assert not found(rule, "关于开会的通知\n正文", GOOD)
        return
    assert found(rule, example["wrong"])
    assert not found(rule, example["right"])


@pytest.mark.parametrize("rule", ALL)
def test_a_suggestion_makes_the_right_example_of_the_wrong_one(rule):
    example = rule.rule.example
    findings = [one for one in found(rule, example["wrong"]) if one.suggestions]
    if not findings or rule.rule.id in SEVERAL:
        return
    assert repaired(example["wrong"], findings) == example["right"]


def test_all_rules_can_be_told_apart_and_are_described_in_both_languages():
    ids = [rule.rule.id for rule in rules()]
    assert len(ids) == len(set(ids)) >= 130
    for rule in rules():
        assert rule.rule.category in CATEGORIES
        assert rule.rule.severity in SEVERITIES
        assert rule.rule.title["zh"]
        assert rule.rule.title["en"]
        assert rule.pattern or rule.check


def test_no_rule_speaks_inside_an_address_or_a_file_name():
    text = "请登录https://example.org/a,b;c查看2024-8.docx，邮箱wang,li@example.org"
    assert [one.rule_id for one in find(Draft(text))] == []


def test_a_clean_notice_has_no_error():
    text = (
        "云岭市水务局关于开展供水安全检查的通知\n各科室、局属各单位：\n"
        "根据《云岭市供水条例》，经研究，决定于2026年3月2日（星期一）至3月6日开展供水安全检查。现将有关事项通知如下：\n"
        "一、检查范围\n全市12座水厂和36座加压泵站。\n二、工作要求\n"
        "（一）加强领导。各单位要明确专人负责。\n（二）认真整改。对发现的问题，要在5个工作日内整改到位。\n"
        "附件：1.检查表\n　　　2.联系人名单\n云岭市水务局\n2026年2月20日\n"
    )
    assert [(one.rule_id, one.text) for one in find(Draft(text, kind="通知")) if one.severity != "info"] == []
