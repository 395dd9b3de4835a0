"""What a question asks for: its terms without the words that only ask, and the kind of answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from apps.rag.sentences import folded_grams, gram_slots
from apps.rag.sparse import fold, stem

Kind = Literal["amount", "duration", "date", "number", "person", "place", "phone", "mail", "reason", "way"]

_ASKING_ZH = re.compile(
    "请问|请教|请告诉我|告诉我|我想知道|想知道|我想问|帮我查|查一下|查询一下|介绍一下|什么时候|什么时间|什么地方|是什么|什么样|什么|为什么|为何|怎么样|怎么办|怎么|怎样|如何|"
    "哪些|哪个|哪种|哪一|哪里|哪儿|哪年|哪天|哪位|哪|是否|能否|可否|可不可以|能不能|是不是|有没有|会不会|要不要|需不需要|多少钱|多少|多久|多长时间|多长|多大|多高|多远|几天|几个|几年|几月|几号|几次|几点|几种|"
    "谁|几|吗|呢|吧|啊|呀|嘛|的|了|是|在|由|和|与|及|或|对|把|被|有|要|请|我们|你们|他们|我|你|他|她|它|这个|那个|这|那|应该|应当|可以|需要|能|会|都|就|也|还|并|而|于|为|以|之|其|中|上|下|里|呢|一共|总共|大概|一般|通常|具体|关于|到底|最长|最短|最多|最少|最高|最低|最晚|最迟|最早|上限|下限|不得少于|不得超过"
)
_STOP_EN = frozenset(
    "a about an and any are as at be been but by can could did do does for from get had has have how i if in into is it its kind many me much must my need of on or our please "
    "s should so some t tell than that the their them then there these they this to type us was we were what when where which who whom whose why will with would you your long often".split()
)
_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")

_ASKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("phone", re.compile(r"电话|手机号|联系方式|热线|分机|phone|telephone|hotline|contact number|extension", re.I)),
    ("mail", re.compile(r"邮箱|电子邮件|邮件地址|\be-?mail", re.I)),
    ("amount", re.compile(r"多少钱|多少元|费用|价格|金额|标准是多少|报销多少|补贴多少|上限|限额|工资|how much|what (?:is|was) the (?:price|cost|fee|amount|limit)|\bcosts?\b", re.I)),
    ("duration", re.compile(r"多久|多长时间|几天|多少天|几个月|几年|几个工作日|多少个工作日|几小时|几日|多少日|期限|时限|how long|how many (?:days|weeks|months|years|hours|minutes)", re.I)),
    ("date", re.compile(r"什么时候|何时|哪年|哪一年|哪天|哪一天|几月|几号|几点|什么时间|什么日期|截止|生效|\bwhen\b|what (?:year|date|day|month|time)|which (?:year|day|month)|deadline", re.I)),
    ("person", re.compile(r"谁|哪位|哪个部门|什么部门|负责人|联系人|什么人|何人|\bwho(?:m|se)?\b|which (?:person|department|team)", re.I)),
    ("place", re.compile(r"在哪|哪里|哪儿|什么地方|地址|位于|何处|地点|\bwhere\b|what (?:city|country|place|address|room|location)|which (?:city|country|room|building|state)", re.I)),
    ("number", re.compile(r"多少|几|how many|what (?:percentage|number|proportion|share)|第几", re.I)),
    ("reason", re.compile(r"为什么|为何|原因|\bwhy\b", re.I)),
    ("way", re.compile(r"怎么|如何|怎样|流程|步骤|\bhow (?:do|can|should|to)\b|procedure|steps", re.I)),
)
_CN = "零〇一二两三四五六七八九十百千万半"
_N = rf"(?:\d[\d,.]*|[{_CN}]+)"
_HOLDS: dict[Kind, re.Pattern[str]] = {
    "phone": re.compile(r"\d{3,4}-?\d{7,8}|1[3-9]\d{9}|400-?\d{3}-?\d{4}|\+\d[\d -]{7,}|(?:分机|内线|ext\.?|extension)\s*[:：]?\s*\d{2,5}|\b\d{3}[-. ]\d{4}\b|(?:电话|热线)[^\d\n]{0,6}\d{3,}", re.I),
    "mail": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "amount": re.compile(rf"{_N}\s*(?:元|万|亿|块|美元|人民币|rmb|usd|yuan|dollars?|euros?|%|％)|[¥￥$€£]\s*\d|百分之", re.I),
    "duration": re.compile(rf"(?<![月\d.{_CN}])(?!\d{{4}}\s*年){_N}\s*(?:个\s*)?(?:工作日|自然日|天|日|周|星期|(?<=个)月|年|小时|分钟|秒|学期|business days?|working days?|days?|weeks?|months?|years?|hours?|minutes?)", re.I),
    "date": re.compile(rf"\d{{4}}\s*年|\d{{1,2}}\s*月|[{_CN}]+月|\b(?:1\d|20)\d{{2}}\b|\d{{4}}[-/.]\d{{1,2}}|\d{{1,2}}[:：]\d{{2}}|{_N}\s*(?:日|号|点|世纪|天内|天前|天之)|\bwithin \d+|\bby the\b|每(?:月|周|年|天|季度)|(?:星期|周)[一二三四五六日]|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|century|every)\b", re.I),
    "person": re.compile(r"由|负责|经理|主任|总监|部门|部|处|科|中心|委员会|先生|女士|专员|管理员|团队|(?<=[a-z,] )[A-Z][a-z]+|\b(?:manager|director|team|department|officer|president|king)\b"),
    "place": re.compile(r"楼|室|层|路|号|街|区|市|省|县|国|位于|地址|网站|系统|平台|https?:|(?:\b(?:in|at|near|on)\b (?:the )?[A-Z0-9])|\b(?:room|floor|building|street|office|portal|city)\b"),
    "number": re.compile(rf"\d|[{_CN}]+\s*(?:个|名|人|次|条|项|份|倍|种|位|家|台|套|级|分|岁|章|部|座|支|张|页)|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|billion|half|twice)\b", re.I),
    "reason": re.compile(r"因|由于|为了|所以|导致|原因|以便|\b(?:because|due to|since|reason|in order to|so that|therefore|caused?)\b", re.I),
    "way": re.compile(r"通过|提交|填写|申请|登录|应|须|首先|步骤|流程|经|\b(?:submit|fill|apply|log in|must|should|first|then|step|through|via|by)\b", re.I),
}


@dataclass(frozen=True, slots=True)
class Question:
    """`terms` are grams of the folded question, those that only ask left out; `slots` are the grams
    around each of its characters, and each of its words; `kinds` what it wants."""

    terms: frozenset[str]
    slots: tuple[tuple[str, ...], ...]
    kinds: tuple[Kind, ...]


def read_question(query: str) -> Question:
    folded = fold(query)
    described = _ASKING_ZH.sub(" ", folded)
    stopped = frozenset(stem(word) for word in _STOP_EN) | _STOP_EN
    kept = " ".join("" if match.isascii() and match in _STOP_EN else match for match in _WORD.findall(described))
    terms = frozenset(folded_grams(kept) - stopped)
    if not terms:
        kept, terms = folded, frozenset(folded_grams(folded))
    kinds = [kind for kind, pattern in _ASKS if pattern.search(query)]
    if len(kinds) > 1 and "number" in kinds:
        kinds.remove("number")  # 几天 asks for a duration; any other figure would not do
    return Question(terms, tuple(slot for slot in gram_slots(kept) if terms.issuperset(slot)), tuple(kinds[:2]))


def holds(kind: Kind, text: str) -> bool:
    """Whether the text has the form of an answer of this kind."""
    return bool(_HOLDS[kind].search(text))
