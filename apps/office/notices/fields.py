"""The facts that official documents are made of: their names, what else people call them, and what to ask for.

A fact that is not here is kept under the name it came with.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Field:
    """`word` is how a document calls it, `aliases` further names a caller may use; `many`: a list of points."""

    name: str
    word: str
    label: str | Promise
    question: str | Promise
    aliases: tuple[str, ...] = ()
    many: bool = False
    long: bool = False


FIELDS: tuple[Field, ...] = (
    Field("purpose", "目的", _("Purpose"), _("What is it for? One phrase that can follow “in order to”."), ("目标", "缘由", "背景", "为了", "原因", "why")),
    Field("basis", "依据", _("Basis"), _("Which rule, plan or decision is it based on? With its number, if it has one."), ("根据", "政策依据")),
    Field("time", "时间", _("Date and time"), _("When does it take place? Day and hour."), ("会议时间", "活动时间", "培训时间", "开会时间", "日期", "when")),
    Field("registration", "报到时间", _("Registration"), _("When do people report or sign in?"), ("签到时间", "报到")),
    Field("deadline", "截止时间", _("Deadline"), _("By when must it be done?"), ("期限", "报送时间", "完成时限", "截止日期", "时限")),
    Field("effective", "施行时间", _("In force from"), _("From which day does it apply?"), ("生效时间", "实施时间", "施行日期", "执行时间")),
    Field("period", "起止时间", _("Period"), _("From when until when does it apply?"), ("有效期", "放假时间", "管制时间", "施工时间", "活动期间")),
    Field("place", "地点", _("Venue"), _("Where does it take place? Building and room."), ("会议地点", "活动地点", "培训地点", "开会地点", "地址", "where")),
    Field("area", "范围", _("Area"), _("Which area, road or matter does it cover?"), ("区域", "路段", "适用范围")),
    Field("audience", "参加人员", _("Who takes part"), _("Who takes part or has to act?"), ("参会人员", "与会人员", "对象", "人员范围", "参加对象", "出席人员", "who")),
    Field("agenda", "内容", _("Subject matter"), _("What is dealt with? Point by point."), ("议程", "会议内容", "主要内容", "会议议题", "议题", "培训内容", "事项"), many=True),
    Field("tasks", "工作任务", _("Tasks"), _("What is to be done? Point by point."), ("任务", "措施", "主要任务", "工作内容", "主要措施"), many=True),
    Field("requirements", "有关要求", _("Requirements"), _("What must those concerned observe?"), ("要求", "工作要求", "注意事项", "纪律要求", "会议要求"), many=True),
    Field("bring", "携带材料", _("What to bring"), _("What do people bring or hand in?"), ("材料", "所需材料", "报送材料", "准备材料", "携带物品")),
    Field("reply", "回执", _("Reply"), _("How and by when do people answer?"), ("报名", "报名方式", "回执要求", "反馈")),
    Field("contact", "联系人", _("Contact"), _("Whom can people ask?"), ("联络人", "经办人", "咨询人")),
    Field("phone", "联系电话", _("Telephone"), _("Under which number?"), ("电话", "联系方式", "咨询电话", "手机")),
    Field("situation", "基本情况", _("Situation"), _("What is the situation? Facts and figures."), ("情况", "工作情况", "工作开展情况", "现状", "事实"), many=True, long=True),
    Field("results", "主要成效", _("Achievements"), _("What has been achieved?"), ("成效", "成绩", "结果", "进展"), many=True, long=True),
    Field("problems", "存在问题", _("Problems"), _("What is still missing or wrong?"), ("问题", "不足", "困难"), many=True, long=True),
    Field("plans", "下一步工作", _("Next steps"), _("What happens next?"), ("计划", "下一步", "打算", "整改措施"), many=True, long=True),
    Field("request", "请示事项", _("Request"), _("What exactly is asked for? One matter in each request."), ("申请事项", "请求事项", "请求", "商请事项", "函询事项"), many=True),
    Field("reasons", "理由", _("Reasons"), _("Why is it needed?"), ("请示理由", "申请理由", "必要性"), many=True, long=True),
    Field("amount", "金额", _("Amount"), _("How much? In figures with the unit."), ("经费", "资金", "预算")),
    Field("incoming", "来文", _("Letter answered"), _("Which letter is answered? Title and number."), ("来函", "请示文件", "对方来文", "收文")),
    Field("answer", "答复意见", _("Answer given"), _("What is the answer? Clear consent or refusal, with conditions."), ("批复意见", "意见内容", "复函内容", "批准内容"), many=True),
    Field("decision", "决定事项", _("Decision"), _("What is decided? Point by point."), ("决定", "议定事项", "决议事项", "公布事项", "命令事项", "公告事项", "通告事项"), many=True),
    Field("meeting", "会议名称", _("Meeting"), _("Which meeting decided or discussed it?"), ("会议",)),
    Field("chair", "主持人", _("Chair"), _("Who chaired it?"), ("主持", "会议主持人")),
    Field("attendees", "出席", _("Present"), _("Who was present?"), ("出席人", "与会者", "列席"), many=False),
    Field("person", "人员", _("People"), _("Who is meant? Full names."), ("姓名", "任免人员", "表彰对象", "当事人", "受表彰单位")),
    Field("document", "印发文件", _("Document issued"), _("Which document is issued or passed on? Its full title."), ("文件名称", "转发文件", "制度名称", "附发文件")),
    Field("attachments", "附件", _("Attachments"), _("What is attached?"), ("附件名称",), many=True),
    Field("copies", "抄送", _("Copies to"), _("Who receives a copy?"), ("抄送机关", "抄送单位")),
    Field("signer", "签发人", _("Signed off by"), _("Who signs it off? Documents to a higher authority name the person."), ()),
    Field("secrecy", "密级", _("Secrecy"), _("Is it classified, and for how long?"), ("保密期限", "密级和保密期限")),
    Field("urgency", "紧急程度", _("Urgency"), _("Is it urgent?"), ("缓急", "紧急")),
    Field("copy_number", "份号", _("Copy number"), _("Which copy is it? Six digits."), ("份数序号",)),
    Field("printed_by", "印发机关", _("Printed by"), _("Which office prints and sends it out?"), ("印发单位",)),
    Field("printed_on", "印发日期", _("Printed on"), _("On which day is it sent out?"), ()),
)  # fmt: skip
FURNITURE = {"attachments", "copies", "signer", "secrecy", "urgency", "copy_number", "printed_by", "printed_on", "contact", "phone"}  # fmt: skip


@cache
def _by_any_name() -> dict[str, Field]:
    found: dict[str, Field] = {}
    for field in FIELDS:
        for name in (field.name, field.word, *field.aliases):
            found.setdefault(name.lower(), field)
    return found


def field_called(name: str) -> Field | None:
    """The field behind a name, in whichever words it came: `time`, 时间, 会议时间."""
    return _by_any_name().get(name.strip().rstrip("：:").lower())


def field_named(name: str) -> Field:
    """Raises KeyError for a name that is no field's own."""
    return next((field for field in FIELDS if field.name == name), None) or _missing(name)


def _missing(name: str) -> Field:
    raise KeyError(name)
