"""Without a model: a description is read for what the form is about, and nouns are given their controls."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from apps.office.forms.fields import (
    IN_TABLES,
    LONGEST_TITLE,
    MOST_COLUMNS,
    MOST_FIELDS,
    MOST_OPTIONS,
    Check,
    Form,
    FormField,
    keyed,
)
from apps.office.forms.templates import form_of, template_for

DATA = Path(__file__).resolve().parent.parent / "data" / "form_words.json"
_LIST = re.compile(
    r"(?:包括|包含|含有|需要填写|需填写|要填写|填写|字段有|字段为|字段|项目有|内容有|要有|需要有|再加上|还要加|加上|增加|再加|收集|including|includes?|with|fields?(?: are)?|contains?|ask(?:s|ing)? for)[：:\s]*(?P<list>.+)",
    re.I | re.S,
)
_TITLE = re.compile(
    r"(?P<title>[\u4e00-\u9fffA-Za-z0-9（）]{2,20}?(?:申请表|登记表|审批表|报名表|调查表|统计表|申请单|审批单|登记|申请|报名|调查|台账|表单|表|单))(?![\u4e00-\u9fff]{0,1}格)"
)
_LEAD = re.compile(
    r"^(?:请|帮我|给我|我要|我们要|想|做|制作|设计|生成|创建|新建|建|弄|一个|一张|一份|个|张|份|please|make|create|design|an?|the)+",
    re.I,
)
_SPLIT = re.compile(r"[、，,；;\n]|(?:以及|和|与|及)(?![^（(]*[）)])|\band\b", re.I)
_OPTIONS = re.compile(r"[（(](?P<inside>[^（）()]+)[）)]")
_MUST, _MAY = re.compile(r"必填|必须|required|\*"), re.compile(r"选填|可选|非必填|optional")
_OUTRIGHT = {"DateRange", "Table", "PhoneNumber", "BankAccount", "RelatedApproval"}
_AFTER_COLON = re.compile(r"[：:](?P<list>[^：:]+[、，,；;].+)", re.S)
_YES_NO = re.compile(r"^是否|^whether", re.I)


@dataclass(frozen=True, slots=True)
class Guess:
    """`open` names what the description leaves open: "fields", or the key of a field without options or columns."""

    form: Form
    open: tuple[str, ...] = ()


@cache
def _words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (name, re.compile(words, re.I)) for name, words in json.loads(DATA.read_text(encoding="utf-8"))
    )


def control_for(noun: str) -> str:
    """The control of a noun: the word nearest its end decides (申请日期 is a date), except where one says all by itself
    (起止时间, 手机号码); Text where none is known."""
    for name, pattern in _words():
        if name in _OUTRIGHT and pattern.search(noun):
            return name
    best: tuple[int, int] | None = None
    found = "Text"
    for place, (name, pattern) in enumerate(_words()):
        for match in pattern.finditer(noun):
            rank = (match.end(), -place)
            if best is None or rank > best:
                best, found = rank, name
    return found


def guess_form(brief: str, *, language: str = "zh") -> Guess:
    """The template that the description calls for, with what it adds; else a form of its own nouns."""
    nouns = _nouns(brief)
    template = template_for(brief)
    if template is not None and not _names_its_own(brief, nouns):
        form = form_of(template, language=language)
        known = {one.title for one in form.fields}
        added = [one for noun in nouns if (one := field_for(noun)).title not in known]
        fields = keyed([*form.fields, *added][:MOST_FIELDS])
        return Guess(replace(form, fields=fields), _open(fields[len(form.fields) :]))
    fields = keyed([field_for(noun) for noun in nouns][:MOST_FIELDS])
    title = _title(brief, language)
    if not fields:
        return Guess(Form(title, keyed(_usual(language))), ("fields",))
    return Guess(Form(title, fields, _checks(fields)), _open(fields))


def _names_its_own(brief: str, nouns: list[str]) -> bool:
    """A list of four and more is the whole form, unless it is said to be added."""
    return len(nouns) >= 4 and not re.search(r"加上|增加|再加|另外|also|add", brief)


def _nouns(brief: str) -> list[str]:
    match = _LIST.search(brief) or _AFTER_COLON.search(brief)
    if match is None:
        return []
    parts = [part.strip(" 。.！!：:*\t") for part in _split(match["list"])]
    return list(
        dict.fromkeys(part for part in parts if part and len(_OPTIONS.sub("", part)) <= LONGEST_TITLE)
    )


def _split(text: str) -> list[str]:
    """At commas and 和, never inside brackets."""
    held = [match[0] for match in _OPTIONS.finditer(text)]
    masked = _OPTIONS.sub("\0", text)
    parts = []
    for part in _SPLIT.split(masked):
        while "\0" in part:
            part = part.replace("\0", held.pop(0), 1)
        parts.append(part)
    return parts


def field_for(noun: str) -> FormField:
    """A field of "性别（男/女，必填）": options from the brackets, 必填 makes it required."""
    inside = " ".join(match["inside"] for match in _OPTIONS.finditer(noun))
    bare = (
        _MAY.sub("", _MUST.sub("", _OPTIONS.sub("", noun))).strip(" ：:")[:LONGEST_TITLE]
        or noun[:LONGEST_TITLE]
    )
    said = [_MAY.sub("", _MUST.sub("", part)).strip() for part in re.split(r"[/／|、，,；;]", inside)]
    options = tuple(part for part in said if part)[:MOST_OPTIONS]
    control = control_for(bare)
    must = bool(_MUST.search(noun)) and not _MAY.search(noun)
    if control == "Table":
        return FormField(
            "", bare, control, must, columns=tuple(_column(one) for one in options[:MOST_COLUMNS])
        )
    if len(options) > 1:
        return FormField("", bare, "Selector", must, options=options)
    if _YES_NO.match(bare):
        return FormField(
            "", bare, "Selector", must, options=("是", "否") if bare[0] == "是" else ("Yes", "No")
        )
    return FormField("", bare, control, must, hint=options[0] if options else "")


def _column(noun: str) -> FormField:
    control = control_for(noun)
    return FormField("", noun[:LONGEST_TITLE], control if control in IN_TABLES else "Text")


def _checks(fields: tuple[FormField, ...]) -> tuple[Check, ...]:
    """What follows from the words: a start before its end, a table that adds up to a total."""
    found: list[Check] = []
    dates = [one for one in fields if one.control == "Date"]
    starts = [one for one in dates if re.search(r"开始|起始|start|from", one.title, re.I)]
    ends = [one for one in dates if re.search(r"结束|终止|截止|归还|end|until|due", one.title, re.I)]
    if starts and ends:
        found.append(Check("order", (starts[0].key, ends[0].key)))
    totals = [
        one for one in fields if one.control == "Money" and re.search(r"合计|总|total", one.title, re.I)
    ]
    for table in (one for one in fields if one.control == "Table"):
        money = [column for column in table.columns if column.control == "Money"]
        if money and totals:
            found.append(Check("sum", (f"{table.key}.{money[-1].key}", totals[0].key)))
    ranges = [one for one in fields if one.control == "DateRange"]
    days = [one for one in fields if one.control == "Number" and re.search(r"天数|days", one.title, re.I)]
    if ranges and days:
        found.append(Check("days", (ranges[0].key, days[0].key)))
    return tuple(found)


def _open(fields: tuple[FormField, ...]) -> tuple[str, ...]:
    return tuple(
        one.key
        for one in fields
        if (one.control == "Selector" and not one.options) or (one.control == "Table" and not one.columns)
    )


def _title(brief: str, language: str) -> str:
    listed = _LIST.search(brief)
    lead = brief[: listed.start()] if listed and listed.start() else brief
    first = re.split(r"[，,。；;：:\n]", lead.strip())[0]
    bare = _LEAD.sub("", first).strip()
    match = _TITLE.search(bare)
    if match:
        return match["title"][:LONGEST_TITLE]
    return bare[:LONGEST_TITLE] or ("Form" if language == "en" else "应用表单")


def _usual(language: str) -> list[FormField]:
    if language == "en":
        titles = (
            ("Applicant", "Contact"),
            ("Department", "Contact"),
            ("Date", "Date"),
            ("Details", "Textarea"),
        )
    else:
        titles = (
            ("申请人", "Contact"),
            ("所在部门", "Contact"),
            ("申请日期", "Date"),
            ("申请事由", "Textarea"),
        )
    return [FormField("", title, control, required=True) for title, control in titles]
