"""What an answer without a model quotes: the row whose range holds the case, each part of a question, no neighbour twice."""

from __future__ import annotations

import subprocess
import sys

import pytest

from apps.rag.extractive import extract_answer, warm
from tests.rag.generation.passages import source

TIERS = """表1 采购金额分档与审批人

| 档次 | 预算金额 | 采购方式 | 审批人 |
| --- | --- | --- | --- |
| 第一档 | 1 万元以下 | 自行采购 | 部门负责人 |
| 第二档 | 1 万元（含）以上、5 万元以下 | 不少于三家报价 | 财务部部长 |
| 第三档 | 5 万元（含）以上 | 公开招标 | 办公会 |
"""
CITIES = """| 类别 | 范围 | 甲级 | 乙级 |
| --- | --- | --- | --- |
| 一类 | 北京、上海 | 650 | 500 |
| 二类 | 杭州、成都 | 550 | 450 |
"""
HOURS = "行政岗位夏季工作时间为上午8:30至12:00，下午14:30至18:00。9月16日起恢复原作息时间。场馆按班表执行。"


@pytest.mark.parametrize(
    ("amount", "approver"),
    [("三万块", "财务部部长"), ("30000元", "财务部部长"), ("八千元", "部门负责人"), ("20万元", "办公会")],
)
def test_the_row_whose_range_holds_the_amount_is_quoted(amount: str, approver: str) -> None:
    text = extract_answer(
        f"{amount}的采购由谁审批？", [source(1, TIERS, title="采购流程")], max_sentences=1
    ).text
    assert f"审批人：{approver}" in text


def test_the_row_whose_cell_names_the_case_is_quoted_with_its_header() -> None:
    sources = [
        source(1, CITIES, title="差旅费管理办法", headings=("住宿费限额标准（元/天）",)),
        source(2, "出差人员应当提前申请。", title="差旅费管理办法"),
    ]
    extract = extract_answer("去成都出差，住宿费标准是多少？", sources)
    assert "类别：二类；范围：杭州、成都；甲级：550" in extract.text
    assert "北京" not in extract.text


def test_each_part_of_a_question_has_its_quotation() -> None:
    text = extract_answer("夏季下午几点上班？哪天恢复原作息？", [source(1, HOURS, title="通知")]).text
    assert "14:30至18:00" in text and "9月16日起恢复" in text


def test_a_heading_that_answers_stands_before_its_item() -> None:
    schedule = [
        source(1, "1. 会计凭证、总账；\n2. 采购项目档案；", title="档案期限", headings=("三、保管30年",))
    ]
    assert "保管30年 › 2. 采购项目档案" in extract_answer("采购项目档案要保管多少年？", schedule).text


def test_a_line_cut_by_the_width_of_the_page_is_quoted_whole() -> None:
    wrapped = "2026年7月1日起实行夏季作息，行政岗位的上午工作时\n间为8:30至12:00，不设弹性安排。"
    assert (
        "上午工作时间为8:30至12:00"
        in extract_answer("行政岗位上午工作时间是几点？", [source(1, wrapped)]).text
    )


def test_the_order_of_retrieval_decides_between_alike_passages() -> None:
    sources = [source(1, "食堂午餐十一点半开始。", title="甲"), source(2, "食堂午餐十二点开始。", title="乙")]
    assert extract_answer("食堂午餐几点？", sources, max_sentences=1).numbers == (1,)


def test_what_only_comes_close_is_called_so() -> None:
    extract = extract_answer(
        "公积金能不能取出来交房租？", [source(1, "住房公积金缴存比例为12%。", title="手册")]
    )
    assert not extract.found and extract.numbers == (1,) and "最接近" in extract.text


def test_a_second_story_clause_does_not_hide_the_answer() -> None:
    leave = [source(1, "男员工在配偶生育期间享受陪产假20天。女员工享受产假158天。", title="休假办法")]
    extract = extract_answer("老婆要生孩子了，我能休几天陪产假？", leave)
    assert extract.found and "陪产假20天" in extract.text


def test_warming_builds_the_tables_without_heavy_libraries() -> None:
    warm()
    code = "import sys; from apps.rag.extractive import warm; warm(); from apps.rag.sparse import _folding; print(_folding.cache_info().currsize, [m for m in ('torch', 'django', 'openai') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "1 []"
