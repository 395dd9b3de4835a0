"""Drafts without a model: the kind, the text with its sources, the gaps, and what never goes through."""

from __future__ import annotations

import pytest

from apps.core.problems import Problem
from apps.office.notices.asking import wanted_from
from apps.office.notices.blueprints import blueprints
from apps.office.notices.check import check
from apps.office.notices.draft import Draft, Source, draft_from
from apps.office.notices.drafting import official_number, write_draft
from apps.office.notices.fields import FIELDS
from apps.office.notices.kinds import KINDS, choose_kind
from apps.office.notices.reader import reader_test
from apps.office.notices.style import Precedent, style_of

MEETING = {
    "subject": "2026年安全生产工作会议",
    "issuer": "云岭集团有限公司",
    "addressees": ["各部门", "各子公司"],
    "date": "2026-02-20",
    "facts": {
        "会议时间": "2026-03-05（星期四）上午9:00",
        "地点": "集团一楼报告厅",
        "参会人员": ["各部门负责人", "各子公司安全总监"],
        "议程": ["传达上级文件", "2.部署全年工作"],
        "联系人": "李明",
        "电话": "0871-1234567",
    },
}


def drafted(**changes) -> Draft:
    return write_draft(wanted_from({**MEETING, **changes}))


def text_of(draft: Draft) -> str:
    return "\n".join(paragraph.text for paragraph in draft.paragraphs)


def test_every_kind_has_a_blueprint_and_can_be_drafted_from_a_subject_alone():
    assert {plan.kind for plan in blueprints()} == set(KINDS)
    assert len(KINDS) == 15
    for kind in KINDS:
        draft = write_draft(wanted_from({"subject": "有关工作", "kind": kind}))
        assert draft.kind == kind
        assert draft.paragraphs and draft.gaps and draft.title.endswith(("令", kind))
        assert all(gap.question for gap in draft.gaps)


@pytest.mark.parametrize(
    ("subject", "direction", "kind"),
    [
        ("召开安全生产会议", "down", "通知"),
        ("追加培训经费", "up", "请示"),
        ("追加培训经费", "level", "函"),
        ("上半年工作总结", "up", "报告"),
        ("南环路封闭施工", "public", "通告"),
        ("公开招聘工作人员", "public", "公告"),
        ("同意成立工会的请示", "down", "批复"),
        ("表彰先进集体的通报", "down", "通报"),
        ("商请协助调查", "", "函"),
        ("第三次办公会议定事项", "", "纪要"),
        ("授予李明劳动模范称号", "", "决定"),
        ("加强档案工作的意见", "", "意见"),
        ("提请人大常委会审议预算调整", "", "议案"),
        ("", "", "通知"),
    ],
)
def test_the_table_chooses_the_kind_and_says_why(subject, direction, kind):
    choice = choose_kind(subject, direction=direction)
    assert choice.kind.name == kind
    assert choice.why


def test_a_kind_that_does_not_fit_is_kept_and_warned_of():
    choice = choose_kind("追加经费", "妥否，请批示。", direction="up", wanted="报告")
    assert choice.kind.name == "报告"
    assert "请示" in choice.warning
    assert "请示" in choose_kind("追加经费", direction="up", wanted="通知").warning


def test_facts_stand_word_for_word_each_with_its_source():
    draft = drafted()
    text = text_of(draft)
    assert draft.title == "云岭集团有限公司关于召开2026年安全生产工作会议的通知"
    assert draft.paragraphs[0].text == (
        "经研究，定于2026年3月5日（星期四）上午9:00召开2026年安全生产工作会议。现将有关事项通知如下："
    )
    assert Source("fact", "会议时间") in draft.paragraphs[0].sources
    assert "三、参加人员" in text and "各部门负责人、各子公司安全总监。" in text
    assert "1.传达上级文件。\n2.部署全年工作。" in text
    assert draft.value("addressees") == "各部门，各子公司" and draft.value("date") == "2026年2月20日"
    assert not draft.gaps
    assert draft_from(draft.as_json()) == draft


def test_what_is_missing_is_a_gap_with_a_question_and_a_mark_in_the_text():
    draft = drafted(facts={"议程": "传达文件"}, issuer="", addressees="")
    asked = {gap.field for gap in draft.gaps}
    assert {"time", "place", "audience", "contact", "phone", "issuer", "addressees"} <= asked
    assert "［待补：地点］" in text_of(draft)
    assert all(set(one.gaps) <= asked for one in draft.paragraphs)


def test_the_reader_test_finds_the_answers_in_the_text_or_says_that_there_are_none():
    answers = {one.field: one for one in reader_test(drafted())}
    assert answers["time"].paragraph == 0 and answers["place"].answered and answers["contact"].answered
    assert not answers["bring"].answered
    assert not any(one.answered for one in reader_test(drafted(facts={})))


def test_template_syntax_and_html_are_text_and_are_not_looked_into():
    hostile = "{time} {{ 7*7 }} {% load x %} <script>alert(1)</script> ${place} %s"
    text = text_of(drafted(facts={**MEETING["facts"], "地点": hostile}))
    assert f"{hostile}。" in text


def test_unknown_facts_are_kept():
    text = text_of(drafted(facts={**MEETING["facts"], "着装": "正装"}))
    assert "五、其他事项" in text and "着装：正装。" in text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"date": "2026-02-30"}, "date"),
        ({"date": "明天"}, "date"),
        ({"facts": {"时间": "2026年2月30日"}}, "facts.时间"),
        ({"facts": {"时间": "13月1日"}}, "facts.时间"),
        ({"facts": {str(number): "x" for number in range(99)}}, "facts"),
        ({"facts": {"内容": "长" * 5000}}, "facts.内容"),
        ({"subject": " \u200b"}, "subject"),
        ({"kind": "诏书"}, "kind"),
        ({"attachments": [{"title": ""}]}, "attachments.0.title"),
    ],
)
def test_bad_input_is_told_at_its_field(changes, field):
    with pytest.raises(Problem) as caught:
        drafted(**changes)
    assert caught.value.status == 422
    assert caught.value.errors[0]["field"] == field and caught.value.detail


def test_invisible_and_broken_characters_do_not_reach_the_paper():
    draft = drafted(facts={"地点": "一\u202e楼\x00会\ud800议\u200b室\n二楼"})
    assert draft.value("place") == "一楼会议室、二楼"


def test_a_document_number_is_written_as_such():
    assert official_number("云集办[2026]第01号") == ("云集办〔2026〕1号", True)
    assert official_number("随便") == ("随便", False)


def test_a_request_asks_one_body_for_one_thing_and_ends_as_a_request():
    draft = write_draft(
        wanted_from(
            {
                "subject": "追加经费",
                "direction": "up",
                "addressees": ["甲", "乙"],
                "facts": {"请示事项": ["一", "二"]},
            }
        )
    )
    assert draft.paragraphs[-1].text == "妥否，请批示。"
    assert len(draft.warnings) == 3


def test_the_house_style_is_that_of_most_earlier_documents_and_their_entries_are_suggestions():
    sources = [Source("document", document_id=str(number), title=f"D{number}") for number in range(2)]
    lines = (
        "关于放假的通知",
        "各科室、各部门：",
        "现将有关事宜通知如下：",
        "一、时间",
        "联系人：王芳，电话：0871-7654321",
    )
    style = style_of([Precedent(source, lines) for source in sources], closing="特此通知。")
    draft = write_draft(wanted_from({**MEETING, "addressees": "", "facts": {}}), style=style)
    assert "现将有关事宜通知如下：" in draft.paragraphs[0].text
    assert sources[0] in draft.paragraphs[0].sources
    assert draft.paragraphs[-1].role != "closing"
    gaps = {gap.field: gap for gap in draft.gaps}
    assert gaps["addressees"].suggestions == (("各科室、各部门", sources[0]),)
    assert gaps["contact"].suggestions[0][0] == "王芳"
    assert draft.precedents == sources


def test_the_self_check_finds_a_mistake_at_its_paragraph_and_leaves_gaps_alone():
    draft = drafted(facts={**MEETING["facts"], "有关要求": "请按时参加,不得缺席"})
    place = next(at for at, one in enumerate(draft.paragraphs) if "缺席" in one.text)
    found = [one for one in check(draft) if one.paragraph == place]
    assert found and draft.paragraphs[place].text[found[0].offset :].startswith(found[0].text)
    assert not any("待补" in one.text for one in check(drafted(facts={})))


def test_every_field_has_one_name_and_a_question():
    names = [field.name for field in FIELDS]
    assert len(names) == len(set(names))
    assert all(str(field.question) and str(field.label) for field in FIELDS)
