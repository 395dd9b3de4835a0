"""The fifteen kinds of official documents (文种), and the table that helps to choose one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Direction = (
    str  # "up" to a higher authority, "down" to subordinates, "level" to others, "public" to everybody
)


@dataclass(frozen=True, slots=True)
class Kind:
    """`directions`: to whom it may go; `closing`: the phrase it ends with, "" where it has none."""

    name: str
    directions: tuple[Direction, ...]
    closing: str
    purpose: str | Promise
    addressed: bool = True


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("决议", ("public", "down"), "", _("publishes what a meeting passed by vote"), addressed=False),
        Kind("决定", ("down", "public"), "", _("decides on important matters, rewards and punishes, changes or revokes")),
        Kind("命令", ("down", "public"), "", _("announces regulations, enforcement measures, ranks and awards"), addressed=False),
        Kind("公报", ("public",), "", _("publishes important decisions or events"), addressed=False),
        Kind("公告", ("public",), "特此公告。", _("announces important or statutory matters at home and abroad"), addressed=False),
        Kind("通告", ("public",), "特此通告。", _("announces what the public in an area must observe or know"), addressed=False),
        Kind("意见", ("down", "up", "level"), "", _("gives views on important questions and how to deal with them")),
        Kind("通知", ("down", "level"), "特此通知。", _("passes on, arranges and tells what subordinates must do or know")),
        Kind("通报", ("down",), "", _("praises, criticises, or tells important matters")),
        Kind("报告", ("up",), "特此报告。", _("reports work and situations to a higher authority, without a request")),
        Kind("请示", ("up",), "妥否，请批示。", _("asks a higher authority for instruction or approval")),
        Kind("批复", ("down",), "此复。", _("answers a request of a subordinate")),
        Kind("议案", ("level", "up"), "请予审议。", _("submits a matter to the people's congress for deliberation")),
        Kind("函", ("level",), "特此函达。", _("asks, answers, or requests approval between bodies that are not subordinate")),
        Kind("纪要", ("down", "level"), "", _("records the main course and the decisions of a meeting"), addressed=False),
    )
}  # fmt: skip
ALIASES = {"令": "命令", "命令（令）": "命令", "命令(令)": "命令", "复函": "函", "会议纪要": "纪要"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table: what the subject and the facts say, to whom it goes, which kind follows, and why."""

    words: str
    directions: tuple[Direction, ...]
    kind: str
    why: str | Promise


@dataclass(frozen=True, slots=True)
class Choice:
    """`warning`: what speaks against a kind that the caller chose."""

    kind: Kind
    why: str
    chosen_by: str  # "caller" or "table"
    warning: str = ""


ANY: tuple[Direction, ...] = ("", "up", "down", "level", "public")
TABLE: tuple[Rule, ...] = (
    Rule(r"提请.{0,12}(?:人大|人民代表大会|常委会)|提交.{0,6}审议", ("", "level", "up"), "议案", _("It is submitted to the people's congress.")),
    Rule(r"纪要|会议记录|议定事项", ANY, "纪要", _("It records what a meeting discussed and decided.")),
    Rule(r"(?:大会|全会|全体会议|代表会议).{0,8}(?:通过|决议)|决议", ANY, "决议", _("A meeting passed it by vote.")),
    Rule(r"批复|同意.{0,20}(?:请示|申请)|答复.{0,12}请示", ("", "down"), "批复", _("It answers a request of a subordinate.")),
    Rule(r"申请|请示|请求|恳请|审批|批准|拨款|追加.{0,8}(?:经费|预算|资金)", ("level",), "函", _("Approval is asked of a body that is not superior: that is a letter, not a request.")),
    Rule(r"申请|请示|请求|恳请|审批|批准|拨款|追加.{0,8}(?:经费|预算|资金)", ("up", ""), "请示", _("Approval or instruction is asked of a higher authority.")),
    Rule(r"商洽|商请|函询|询问|复函|征求.{0,10}意见|协助|支持|借调|洽谈", ("", "level"), "函", _("It deals with a body that is neither superior nor subordinate.")),
    Rule(r"表彰.{0,20}(?:通报|先进)|通报|批评|事故.{0,10}(?:情况|教训)", ("", "down"), "通报", _("It praises, criticises, or tells a lesson.")),
    Rule(r"汇报|情况报告|工作总结|述职|整改情况|进展情况|工作报告|报告", ("up", ""), "报告", _("It reports to a higher authority and asks for nothing.")),
    Rule(r"嘉奖令|发布令|特赦|戒严|公布.{0,20}(?:条例|法规|规章)", ("", "down", "public"), "命令", _("It announces regulations or enforcement by order.")),
    Rule(r"公报|统计.{0,6}公布", ("", "public"), "公报", _("It publishes an important event or figures.")),
    Rule(r"施工|停水|停电|断水|断电|交通管制|封闭|禁止|限行|禁鸣|禁放|请广大|市民|过往", ("", "public"), "通告", _("The public of an area has to observe it.")),
    Rule(r"公告|招标|拍卖|征收|录用|招聘|遗失|公示", ("", "public"), "公告", _("It announces a statutory or important matter to everybody.")),
    Rule(r"(?:表彰|奖励|授予|处分|撤销|撤消|机构设置|废止|变更).{0,30}", ("", "down", "public"), "决定", _("It decides on an important matter, a reward or a punishment.")),
    Rule(r"指导意见|实施意见|若干意见|意见", ("", "down", "level", "up"), "意见", _("It gives views on how to deal with a question.")),
)  # fmt: skip
_MAY_NOT_ASK = re.compile(r"妥否|请批示|请予批准|请审批|请求批准|恳请批准|请予审批")


def kind_named(name: str) -> Kind | None:
    bare = name.strip()
    return KINDS.get(ALIASES.get(bare, bare))


def choose_kind(subject: str, said: str = "", *, direction: Direction = "", wanted: str = "") -> Choice:
    """The kind that the caller `wanted`, with a warning where the table says otherwise; else the table's own.

    `said` are the facts as one text."""
    found, why = _by_table(subject, said, direction)
    kind = kind_named(wanted) if wanted else None
    if kind is None:
        return Choice(found, why, "table")
    return Choice(kind, str(kind.purpose), "caller", _warning(kind, found, why, said, direction, subject))


def _by_table(subject: str, said: str, direction: Direction) -> tuple[Kind, str]:
    ending = next(
        (
            name
            for name in sorted([*KINDS, *ALIASES], key=len, reverse=True)
            if subject.strip().endswith(name)
        ),
        "",
    )
    if ending and (kind := kind_named(ending)) and (not direction or direction in kind.directions):
        return kind, str(_("The subject ends with this kind."))
    for rule in TABLE:
        if direction in rule.directions and re.search(rule.words, subject):
            return KINDS[rule.kind], str(rule.why)
    by_reader = {"up": "报告", "level": "函", "public": "通告"}
    if direction in by_reader:
        kind = KINDS[by_reader[direction]]
        return kind, str(kind.purpose)
    return KINDS["通知"], str(KINDS["通知"].purpose)


def _warning(kind: Kind, found: Kind, why: str, said: str, direction: Direction, subject: str) -> str:
    if kind.name == "报告" and _MAY_NOT_ASK.search(said + subject):
        return str(_("A report must not contain a request: write a request (请示) of its own."))
    if direction and direction not in kind.directions:
        return _("This kind does not go to such readers; the table suggests %(kind)s: %(why)s") % {
            "kind": found.name,
            "why": why,
        }
    if found.name not in {kind.name, "通知"} and kind.name not in subject:
        return _("The table suggests %(kind)s: %(why)s") % {"kind": found.name, "why": why}
    return ""
