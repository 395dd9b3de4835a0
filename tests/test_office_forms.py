"""Forms: templates, descriptions with and without a model, checks between fields, the printed sheet, and REST."""

from __future__ import annotations

import io
import json
import re

import pytest
from docx import Document as WordDocument
from jsonschema import Draft202012Validator

from apps.core.problems import Problem
from apps.office.forms.building import built
from apps.office.forms.checking import faults
from apps.office.forms.fields import CONTROLS, LONGEST_HINT, LONGEST_TITLE, Form, FormField, form_from
from apps.office.forms.lexicon import control_for, guess_form
from apps.office.forms.schema import json_schema, ui_schema
from apps.office.forms.templates import form_of, template_for, template_named, templates
from apps.office.layout.sheet import sheet_file
from tests.chatting import use_model
from tests.factories import Api
from tests.fakes.openai_server import Script, scripted_server


def form_called(name: str) -> Form:
    template = template_named(name)
    assert template is not None
    return form_of(template)


def keys_of(form: Form) -> dict[str, str]:
    return {one.title: one.key for one in form.fields}


def test_twenty_templates_make_valid_schemas_in_both_languages():
    assert len(templates()) == 20 == len({one.id for one in templates()})
    for template in templates():
        for language in ("zh", "en"):
            form = form_of(template, language=language)
            schema = json_schema(form)
            Draft202012Validator.check_schema(schema)
            assert set(schema["required"]) <= set(schema["properties"])
            assert ui_schema(form)["ui:order"] == [one.key for one in form.fields]
            for one in form.fields:
                assert (
                    one.control in CONTROLS
                    and len(one.title) <= LONGEST_TITLE
                    and len(one.hint) <= LONGEST_HINT
                )
            assert form_from(json.loads(json.dumps(form.as_json()))) == form
        assert template_for(template.zh) == template


def test_an_english_template_has_no_chinese_in_it_and_is_otherwise_the_same():
    han = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
    for template in templates():
        chinese, english = form_of(template), form_of(template, language="en")
        assert han.search(chinese.title) and english.title == template.en
        assert shape_of(chinese.fields) == shape_of(english.fields) and chinese.checks == english.checks
        assert all(han.search(one.title) for one in chinese.fields)
        told = json.dumps([json_schema(english), ui_schema(english), english.as_json()], ensure_ascii=False)
        assert not han.search(told)
        document = WordDocument(io.BytesIO(sheet_file(english)))
        assert not han.search(document.element.xml) and not han.search(document.core_properties.title)


def shape_of(fields: tuple[FormField, ...]) -> list[tuple[object, ...]]:
    """All of a form that is no words."""
    return [(one.key, one.control, one.required, len(one.options), shape_of(one.columns)) for one in fields]


@pytest.mark.parametrize(
    ("noun", "control"),
    [
        ("姓名", "Text"), ("手机号码", "PhoneNumber"), ("起止时间", "DateRange"), ("报销金额", "Money"), ("附件", "File"),
        ("所在部门", "Contact"), ("审批人", "Contact"), ("费用明细", "Table"), ("是否住宿", "Selector"), ("请假类型", "Selector"),
        ("申请日期", "Date"), ("日期说明", "Textarea"), ("参加人数", "Number"), ("开会地点", "Location"), ("银行账号", "BankAccount"),
        ("phone number", "PhoneNumber"), ("amount", "Money"), ("reason", "Textarea"), ("暗号", "Text"),
    ],
)  # fmt: skip
def test_nouns_have_their_controls(noun, control):
    assert control_for(noun) == control


def test_a_description_becomes_its_fields_options_and_checks():
    guess = guess_form(
        "做一个经费申请表，包括姓名（必填）、性别（男/女）、费用明细（名称、数量、金额）、合计金额、开始日期和结束日期、意向类别"
    )
    form = guess.form
    assert form.title == "经费申请表"
    assert [(one.title, one.control) for one in form.fields][:3] == [
        ("姓名", "Text"), ("性别", "Selector"), ("费用明细", "Table"),
    ]  # fmt: skip
    assert form.fields[0].required and form.fields[1].options == ("男", "女")
    assert {check.kind for check in form.checks} == {"order", "sum"}
    assert guess.open == (keys_of(form)["意向类别"],)


def test_a_description_of_a_template_takes_it_and_adds_what_it_names():
    guess = guess_form("请假单，再加上紧急联系人")
    assert guess.form.template == "leave" and guess.form.fields[-1].title == "紧急联系人"
    assert guess_form("设备借用").open == ("fields",)


def test_values_are_checked_against_the_schema_and_between_fields():
    form = form_called("expense")
    key = keys_of(form)
    table = next(one for one in form.fields if one.control == "Table")
    column = {one.title: one.key for one in table.columns}
    row = {column["日期"]: "2026-03-05", column["费用类别"]: "交通费", column["金额"]: 10.5}
    good = {
        key["报销人"]: "李明", key["所在部门"]: "财务部", key["报销事由"]: "出差", key["费用明细"]: [row, {**row, column["金额"]: 0.1}],
        key["合计金额"]: 10.6, key["单据张数"]: 2, key["收款账号"]: "6222020200000000", key["开户行"]: "工行", key["发票附件"]: ["a"],
    }  # fmt: skip
    assert faults(form, good) == []
    assert [one.field for one in faults(form, {**good, key["合计金额"]: 11})] == [key["合计金额"]]
    wrong = {
        **good,
        key["收款账号"]: "abc",
        key["费用明细"]: [{**row, column["日期"]: "2026-02-30"}],
        "more": 1,
    }
    found = {one.field for one in faults(form, wrong)}
    assert {key["收款账号"], f"{table.key}.0.{column['日期']}", ""} <= found
    assert {one.field for one in faults(form, {})} == {one.key for one in form.fields if one.required}


def test_ends_come_after_starts_and_days_fit_their_range():
    form = form_called("leave")
    key = keys_of(form)
    values = {key["请假时间"]: {"start": "2026-03-05", "end": "2026-03-04"}}
    assert key["请假时间"] in {
        one.field for one in faults(form, values) if "start" in one.message or "之前" in one.message
    }
    values = {key["请假时间"]: {"start": "2026-03-05", "end": "2026-03-06"}, key["请假天数"]: 3}
    assert key["请假天数"] in {one.field for one in faults(form, values)}
    loan = form_called("loan")
    names = keys_of(loan)
    values = {names["借款日期"]: "2026-03-05", names["预计还款日期"]: "2026-03-01", names["借款金额"]: 0}
    assert {names["预计还款日期"], names["借款金额"]} <= {one.field for one in faults(loan, values)}


@pytest.mark.parametrize(
    ("title", "fields", "checks", "where"),
    [
        ("", [{"title": "a", "control": "Text"}], [], "title"),
        ("F", [], [], "fields"),
        ("F", [{"title": "长" * 41, "control": "Text"}], [], "fields.0.title"),
        ("F", [{"title": "a", "control": "Script"}], [], "fields.0.control"),
        ("F", [{"title": "a", "control": "Table", "columns": [{"title": "b", "control": "Table"}]}], [], "fields.0.columns.0.control"),
        ("F", [{"title": "a", "control": "Text"}], [{"kind": "sum", "fields": ["x", "y"]}], "checks.0"),
    ],
)  # fmt: skip
def test_a_definition_that_does_not_fit_is_told_at_its_place(title, fields, checks, where):
    with pytest.raises(Problem) as caught:
        built(title, fields, checks)
    assert caught.value.errors[0]["field"] == where


def test_checks_follow_their_fields_when_these_move():
    fields = [
        {"key": "b", "title": "结束", "control": "Date"},
        {"key": "a", "title": "开始", "control": "Date"},
    ]
    form = built("F", fields, [{"kind": "order", "fields": ["a", "b"]}])
    assert form.checks[0].fields == ("field_02", "field_01")


def test_the_sheet_has_every_field_and_prints_markup_as_text():
    form = built("<b>{{ x }}</b>", [{"title": "性别", "control": "Selector", "options": ["男", "<i>女"]}, {"title": "明细", "control": "Table", "columns": [{"title": "金额", "control": "Money"}]}])  # fmt: skip
    document = WordDocument(io.BytesIO(sheet_file(form)))
    assert document.paragraphs[0].text == "<b>{{ x }}</b>"
    text = "\n".join(cell.text for row in document.tables[0].rows for cell in row.cells)
    assert "□男　□<i>女" in text and "明细" in text
    assert document.tables[0].rows[2].cells[0].tables[0].cell(0, 0).text == "金额"


@pytest.mark.django_db
def test_forms_over_rest(people, rag, hints):
    api = Api(people.alice, "office")
    made = api.post("forms", {"brief": "活动报名表：姓名、性别、是否住宿"}).json()
    path = f"forms/{made['id']}"
    assert made["title"] == "活动报名表" and [gap["field"] for gap in made["gaps"]] == ["field_02"]
    fields = [{**one, "options": ["男", "女"]} if one["title"] == "性别" else one for one in made["fields"]]
    changed = api.put(path, {"title": "报名表", "fields": fields[::-1], "checks": []}).json()
    assert changed["gaps"] == [] and changed["json_schema"]["properties"]["field_02"]["enum"] == ["男", "女"]
    checked = api.post(f"{path}/check", {"values": {"field_02": "其他"}}).json()
    assert not checked["valid"] and checked["errors"][0]["field"] == "field_02"
    assert api.get(changed["docx_url"]).content[:2] == b"PK"
    assert api.get("forms").json()["items"][0]["id"] == made["id"]
    assert len(api.get("form-templates").json()["items"]) == 20
    for bad in ({}, {"brief": " "}, {"template": "nothing"}, {"brief": "长" * 5000}):
        assert api.post("forms", bad).status_code == 422
    assert api.delete(path).status_code == 204


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "titles"),
    [
        (
            '{"title": "访客表", "fields": [{"title": "来访人", "control": "Text", "required": true}]}',
            ["来访人"],
        ),
        ('{"title": "访客表", "fields": [{"title": "x", "control": "Nothing"}]}', None),
        ("I cannot.", None),
    ],
)
def test_a_model_makes_the_form_and_the_lexicon_where_it_fails(people, rag, hints, settings, said, titles):
    with scripted_server(Script(replies={"You design forms": said})) as base_url:
        use_model(settings, base_url, "ok")
        made = Api(people.alice, "office").post("forms", {"brief": "访客登记"}).json()
    found = [one["title"] for one in made["fields"]]
    assert found == titles if titles else made["template"] == "visitor"
