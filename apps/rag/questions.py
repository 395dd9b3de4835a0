"""What a question asks for: its terms without the words that only ask, and the kind of answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from apps.rag.figures import Figures, figures
from apps.rag.quantities import Quantity, quantities
from apps.rag.sentences import gram_slots, is_cjk, runs
from apps.rag.sparse import fold

Kind = Literal[
    "amount",
    "duration",
    "time",
    "date",
    "number",
    "person",
    "place",
    "phone",
    "mail",
    "reason",
    "way",
    "leave",
]

_ASKING_ZH = re.compile(
    "请问|请教|请告诉我|告诉我|我想知道|想知道|我想问|帮我查|查一下|查询一下|介绍一下|什么时候|什么时间|什么地方|是什么|什么样|什么|为什么|为何|怎么样|怎么办|怎么|怎样|如何|"
    "哪些|哪个|哪种|哪一|哪里|哪儿|哪年|哪天|哪位|哪|是否|能否|可否|可不可以|能不能|是不是|有没有|会不会|要不要|需不需要|多少钱|多少|多久|多长时间|多长|多大|多高|多远|多快|几天|几个|几年|几月|几号|几次|几点|几种|几家|星期几|"
    "谁|几|吗|呢|吧|啊|呀|嘛|的|了|是|我们|你们|他们|这个|那个|应该|应当|可以|需要|一共|总共|大概|一般|通常|具体|关于|到底|最长|最短|最多|最少|最高|最低|最晚|最迟|最早|上限|下限|不得少于|不得超过|规定|非得|还能"
)
# Characters that mostly join words: they tell little, but 上 in 上班 must not be cut out.
_WEAK = frozenset(
    "在由和与及或对把被有要请我你他她它这那会能都就也还并而于为以之其中上下里去到想得给让跟从向才再最当该过应可先后多么着个"
)
WEAK = 0.3
# Words of a story: rare in rules, and of little use to find one.
_COMMON = re.compile(
    "今年|明年|去年|今天|当天|当年|当日|现在|以前|以后|之前|之后|平时|最近|时候|至少|至多|开始|结束|东西|情况|事情|一下|一些|一年|一天|一个|一样|人家|家里|那边|那套|这阵子|照规矩|自己|单位|上班|下班"
)
_WHOLE = re.compile(
    "上午|下午|中午|上班|下班|上海|中国|中心|到达|到期|过期|请假|下载|上传|要求|应急|对外|对象|会议|会员|都市|成都|首都|和平|要点|想象|其他|其它|出去|取得|所得|中餐|里程|公里|申请|过户|再次|由来|机会|社会|开会|委员会|工会|当地"
)
_STOP_EN = frozenset(
    "a about an and any are as at be been but by can could did do does for from get had has have how i if in into is it its kind many me much must my need of on or our please "
    "s should so some t tell than that the their them then there these they this to type us was we were what when where which who whom whose why will with would you your long often early late want".split()
)
MAX_ASKS = 3
_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")

_ASKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "phone",
        re.compile(r"电话|手机号|联系方式|热线|分机|phone|telephone|hotline|contact number|extension", re.I),
    ),
    ("mail", re.compile(r"邮箱|电子邮件|邮件地址|\be-?mail", re.I)),
    (
        "amount",
        re.compile(
            r"多少钱|多少元|费用|价格|金额|标准是多少|报销多少|补贴多少|上限|限额|封顶|工资|[花收报批付交扣补剩]了?多少|how much|what (?:is|was) the (?:price|cost|fee|amount|limit)|\bcosts?\b",
            re.I,
        ),
    ),
    (
        "duration",
        re.compile(
            r"多久|多长时间|几天|多少天|几个月|几年|几个工作日|多少个工作日|几小时|几日|多少日|多少年|[存留保]多久|多快|期限|时限|how (?:long|early|late|soon)|by when|how many (?:days|weeks|months|years|hours|minutes)",
            re.I,
        ),
    ),
    ("time", re.compile(r"几点|什么时间|when can|what time|opening hours", re.I)),
    (
        "date",
        re.compile(
            r"什么时候|何时|哪年|哪一年|哪天|哪一天|几月|几号(?!线)|星期几|周几|什么日期|截止|生效|\bwhen\b|what (?:year|date|day|month|time)|which (?:year|day|month)|deadline",
            re.I,
        ),
    ),
    (
        "person",
        re.compile(
            r"谁|哪位|哪个部门|什么部门|负责人|联系人|找谁|什么人|何人|\bwho(?:m|se)?\b|which (?:person|department|team)",
            re.I,
        ),
    ),
    (
        "place",
        re.compile(
            r"在哪|哪里|哪儿|什么地方|地址|位于|何处|地点|\bwhere\b|what (?:city|country|place|address|room|location)|which (?:city|country|room|building|state)",
            re.I,
        ),
    ),
    ("number", re.compile(r"多少|几|how many|what (?:percentage|number|proportion|share)|第几", re.I)),
    (
        "leave",
        re.compile(
            r"(?:能|可以|可|给|许|得|要|会|算)[^，。？?]{1,12}吗|能不能|可不可以|是否可以|能否|可否|要不要|(?:^|[.!?,]\s*)(?:can|may|am|is|are|do|does|must|should) (?:i|we|you|it|there|employees|staff)\b",
            re.I,
        ),
    ),
    ("reason", re.compile(r"为什么|为何|原因|\bwhy\b", re.I)),
    ("way", re.compile(r"怎么|如何|怎样|流程|步骤|\bhow (?:do|can|should|to)\b|procedure|steps", re.I)),
)
_CN = "零〇一二两三四五六七八九十百千万半"
_N = rf"(?:\d[\d,.]*|[{_CN}]+)"
_HOLDS: dict[Kind, re.Pattern[str]] = {
    "phone": re.compile(
        r"\d{3,4}-?\d{7,8}|1[3-9]\d{9}|400-?\d{3}-?\d{4}|\+\d[\d -]{7,}|(?:分机|内线|ext\.?|extension)\s*[:：]?\s*\d{2,5}|\b\d{3}[-. ]\d{4}\b|(?:电话|热线)[^\d\n]{0,6}\d{3,}",
        re.I,
    ),
    "mail": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "amount": re.compile(
        rf"{_N}\s*(?:元|万(?![人次名册件场平米公])|亿(?![人次])|块|美元|人民币|rmb|usd|yuan|dollars?|euros?|%|％)|[¥￥$€£]\s*\d|百分之",
        re.I,
    ),
    "duration": re.compile(
        rf"(?<![月\d.{_CN}])(?!\d{{4}}\s*年){_N}\s*(?:个\s*)?(?:工作日|自然日|天|日|周|星期|(?<=个)月|年|小时|分钟|秒|学期|business days?|working days?|days?|weeks?|months?|years?|hours?|minutes?)",
        re.I,
    ),
    "time": re.compile(rf"\d{{1,2}}[:：]\d{{2}}|{_N}\s*点|\b\d{{1,2}}\s*(?:am|pm|a\.m|p\.m|o'clock)", re.I),
    "date": re.compile(
        rf"\d{{4}}\s*年|\d{{1,2}}\s*月|[{_CN}]+月|\b(?:1\d|20)\d{{2}}\b|\d{{4}}[-/.]\d{{1,2}}|\d{{1,2}}[:：]\d{{2}}|{_N}\s*(?:日|号|点|世纪|天内|天前|天之)|\bwithin \d+|\bby the\b|每(?:月|周|年|天|季度)|(?:星期|周)[一二三四五六日]|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|century|every)\b",
        re.I,
    ),
    "person": re.compile(
        r"由|负责|经理|主任|总监|部门|部|处|科|中心|委员会|先生|女士|专员|管理员|团队|(?<=[a-z,] )[A-Z][a-z]+|\b(?:manager|director|team|department|officer|president|king)\b"
    ),
    "place": re.compile(
        r"楼|室|层|路|号|街|区|市|省|县|国|位于|地址|网站|系统|平台|https?:|(?:\b(?:in|at|near|on)\b (?:the )?[A-Z0-9])|\b(?:room|floor|building|street|office|portal|city)\b"
    ),
    "number": re.compile(
        rf"\d|[{_CN}]+\s*(?:个|名|人|次|条|项|份|倍|种|位|家|台|套|级|分|岁|章|部|座|支|张|页)|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|billion|half|twice)\b",
        re.I,
    ),
    "leave": re.compile(
        r"可以|可凭|不得|不能|不可|不予|不会|应当|必须|无需|不用|不需|允许|禁止|免|凭|\b(?:allow|may|must|can|cannot|not|need|permitted|only|required|accepted|reimburse)",
        re.I,
    ),
    "reason": re.compile(
        r"因|由于|为了|所以|导致|原因|以便|\b(?:because|due to|since|reason|in order to|so that|therefore|caused?)\b",
        re.I,
    ),
    "way": re.compile(
        r"通过|提交|填写|申请|登录|应|须|首先|步骤|流程|经|\b(?:submit|fill|apply|log in|must|should|first|then|step|through|via|by)\b",
        re.I,
    ),
}


_CLAUSE = re.compile(r"[，。；？！?!;]+|,\s|\.\s|\band (?:by |from )?(?=when|where|who|how|what)")
Slots = tuple[tuple[tuple[str, ...], float], ...]
Weighted = list[tuple[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that a question asks for: its kinds, and the slots of its own clause."""

    slots: Slots
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """`terms` are grams of the folded question with their strength in 0–1, those that only ask left out;
    `slots` are the grams around each of its characters, and each of its words, with its strength; `asks`
    what it wants, at least one; `quantities` and `figures` what it says of the case; `heads` the
    first two letters of its words."""

    terms: dict[str, float]
    slots: Slots
    asks: tuple[Ask, ...]
    quantities: tuple[Quantity, ...]
    figures: Figures
    heads: frozenset[str]

    @property
    def words(self) -> float:
        return words_of(self.slots)


def read_question(query: str) -> Question:
    slots = _slots(query)
    terms: dict[str, float] = {}
    for grams, strength in slots:
        for term in grams:
            terms[term] = terms.get(term, 0.0) + strength / (len(term) if is_cjk(term) else 1.0)
    clauses = [
        Ask(_slots(clause), kinds_of(clause)) for clause in _CLAUSE.split(query) if clause and clause.strip()
    ]
    asks = tuple(ask for ask in clauses if ask.kinds)[:MAX_ASKS]
    heads = frozenset(term[:2] for term in terms if not is_cjk(term))
    bounded = {term: min(1.0, strength) for term, strength in terms.items()}
    return Question(bounded, slots, asks or (Ask(slots, ()),), quantities(query), figures(query), heads)


def words_of(slots: Slots) -> float:
    """The length in words; a Chinese character counts half."""
    return sum((0.5 if is_cjk(terms[0]) else 1.0) * strength for terms, strength in slots)


def weighted(slots: Slots, weights: Mapping[str, float]) -> Weighted:
    """Each slot with what it counts for: its strength times the rarity of its most common term."""
    return [(terms, strength * min([weights[term] for term in terms])) for terms, strength in slots]


def coverage(slots: Weighted, worth: Mapping[str, float], *, near: float) -> tuple[float, float]:
    """The weighted share of the question's characters and words that are found, in 0–1; and of those alone that
    are worth more than `near`."""
    total = found = own = 0.0
    for terms, weight in slots:
        best = worth[terms[0]] if len(terms) == 1 else max(worth[terms[0]], worth[terms[1]])
        total += weight
        found += weight * best
        if best > near:
            own += weight * best
    return (found / total, own / total) if total else (0.0, 0.0)


def holds(kind: Kind, text: str, *, row: bool = False) -> bool:
    """Whether the text has the form of an answer of this kind. A row's figures have their measure in the
    header or the heading, if anywhere."""
    if row and kind in ("amount", "number"):
        return any(char.isdigit() for char in text)
    return bool(_HOLDS[kind].search(text))


def kinds_of(text: str) -> tuple[Kind, ...]:
    """What a text asks for, at most two kinds, the surer one first."""
    kinds = [kind for kind, pattern in _ASKS if pattern.search(text)]
    if len(kinds) > 1 and "number" in kinds:
        kinds.remove("number")  # 几天 asks for a duration; any other figure would not do
    if len(kinds) > 1 and "leave" in kinds:
        kinds.remove("leave")
    return tuple(kinds[:2])


def _slots(query: str) -> Slots:
    """The grams around each character, and each word, without those that only ask; empty if these are all."""
    described = _ASKING_ZH.sub(" ", fold(query))
    kept = " ".join(word for word in _WORD.findall(described) if word not in _STOP_EN)
    placed = zip(gram_slots(kept), _strengths(kept), strict=True)
    return tuple((slot, strength) for slot, strength in placed if not _STOP_EN.issuperset(slot))


def _strengths(kept: str) -> list[float]:
    """For each slot of the text: less for characters that mostly join words."""
    strengths: list[float] = []
    for run in runs(kept):
        if not is_cjk(run):
            strengths.append(1.0)
            continue
        whole = {place for match in _WHOLE.finditer(run) for place in range(*match.span())}
        common = {place for match in _COMMON.finditer(run) for place in range(*match.span())}
        strengths += [
            WEAK if place in common or (char in _WEAK and place not in whole) else 1.0
            for place, char in enumerate(run)
        ]
    return strengths
