"""What official documents say of themselves is read from their head and tail, and from nowhere else."""

from __future__ import annotations

from datetime import date

import pytest

from apps.rag.metadata import Repeal, kind_of_title, official_metadata, parse_date
from apps.rag.types import Element


def read(*lines: str):
    return official_metadata([Element("paragraph", line) for line in lines])


NOTICE = (
    "国务院办公厅文件",
    "国办发〔2024〕15号",
    "国务院办公厅关于印发《政府采购管理办法》的通知",
    "各省、自治区、直辖市人民政府，国务院各部委、各直属机构：",
    "根据国发〔2010〕3号文件的要求，现将《政府采购管理办法》印发给你们，请认真贯彻执行。",
    "国务院办公厅",
    "2024年3月5日",
    "（此件公开发布）",
)


def test_a_notice_says_number_issuer_kind_and_date():
    found = read(*NOTICE)
    assert found.document_number == "国办发〔2024〕15号"
    assert found.issuer == "国务院办公厅"
    assert found.kind == "通知"
    assert found.title == "国务院办公厅关于印发《政府采购管理办法》的通知"
    assert found.issued_on == date(2024, 3, 5)
    assert (found.effective_on, found.repeals) == (None, ())


def test_a_regulation_says_from_when_and_what_it_repeals():
    found = read(
        "差旅费管理办法",
        "第一条 为了规范差旅费管理，制定本办法。",
        "第二十条 本办法由财务部负责解释。",
        "第二十一条 本办法自2024年1月1日起施行。《差旅费管理暂行办法》（财办〔2018〕7号）和《出差补贴规定》同时废止。",
    )
    assert (found.title, found.kind) == ("差旅费管理办法", "办法")
    assert found.effective_on == date(2024, 1, 1)
    assert found.repeals == (Repeal("差旅费管理暂行办法", "财办〔2018〕7号"), Repeal("出差补贴规定"))


def test_from_its_publication_means_the_date_of_issue():
    found = read(
        "财政部关于加强管理的通知",
        "财会[2023]8号",
        "本通知自印发之日起执行。",
        "财政部",
        "二〇二三年十二月三十一日",
    )
    assert found.issued_on == found.effective_on == date(2023, 12, 31)
    assert found.document_number == "财会〔2023〕8号"


def test_a_reference_in_the_text_is_not_the_documents_own_number():
    found = read(
        "关于调整作息时间的通知",
        "各部门：",
        "根据市政府的要求（京政发〔2022〕9号），调整如下，请各单位遵照执行。",
        "行政部",
        "2026年5月20日",
    )
    assert found.document_number == ""
    assert found.issuer == "行政部"
    assert found.issued_on == date(2026, 5, 20)


def test_an_order_has_its_number_and_kind():
    found = read(
        "中华人民共和国国务院令", "第722号", "《优化营商环境条例》已经通过，现予公布，自2020年1月1日起施行。"
    )
    assert (found.document_number, found.kind, found.issuer) == ("国务院令第722号", "令", "国务院")
    assert found.effective_on == date(2020, 1, 1)


def test_its_own_day_is_preferred_to_a_day_in_the_text():
    found = read(
        "关于执行新标准的通知",
        "自2023年7月1日起执行的旧标准仍可参考。",
        "本通知自2024年2月1日起执行。",
        "附件自2025年1月1日起实施。",
    )
    assert found.effective_on == date(2024, 2, 1)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("关于放假的通知", "通知"),
        ("采购管理办法（试行）", "办法"),
        ("关于印发《采购办法》的通知", "通知"),
        ("2026年第6次办公会会议纪要", "纪要"),
        ("档案条例(2020年修订)", "条例"),
        ("员工手册", "手册"),
        ("Annual report", ""),
    ],
)
def test_the_kind_is_what_the_title_ends_with(title, kind):
    assert kind_of_title(title) == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二○二四年十月二十日", date(2024, 10, 20)),
        ("2024 年 2 月 30 日", None),
        ("明年", None),
        ("二〇一九年三月三十一日", date(2019, 3, 31)),
    ],
)
def test_dates_in_figures_and_in_characters(text, expected):
    assert parse_date(text) == expected


def test_english_and_empty_documents_say_nothing():
    assert (
        official_metadata([])
        == read("Travel Policy", "Effective from 1 January 2024.")
        == official_metadata([])
    )
