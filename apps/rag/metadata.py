"""What Chinese official documents say of themselves: issuer, number, kind, dates, what they repeal.

Rules on the first and the last elements only, where these stand; a reference in the running text to
another document is not taken for the document's own. Everything is a suggestion for a person.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from apps.rag.types import Element

HEAD, TAIL = 30, 40  # elements looked at
LONGEST = 400  # characters of an element in which a whole line can stand
KINDS = (
    "决议", "决定", "命令", "令", "公报", "公告", "通告", "意见", "通知", "通报", "报告", "请示", "批复", "议案",
    "函", "纪要", "条例", "规定", "办法", "细则", "规则", "规程", "章程", "制度", "方案", "规划", "计划", "准则",
    "标准", "指南", "指引", "手册", "须知", "合同", "协议",
)  # fmt: skip
_DIGITS = {char: str(value % 10) for value, char in enumerate("〇一二三四五六七八九")} | dict.fromkeys(
    "零○Ｏ", "0"
)
_NUMBER = re.compile(
    r"(?P<code>[\u4e00-\u9fff]{1,14})\s*[〔［\[(（【﹝]\s*(?P<year>(?:19|20)\d{2})\s*[〕］\])）】﹞]\s*第?\s*(?P<number>\d{1,5})\s*号"
)
_ORDER = re.compile(
    r"^(?:中华人民共和国)?(?P<issuer>[\u4e00-\u9fff]{2,30}?)令?\s*令?\s*[（(]?第\s*(?P<number>[\d〇零一二三四五六七八九十百千]+)\s*号[）)]?$"
)
_YEAR = r"(?:(?:19|20)\d{2}|[一二三四五六七八九〇零○Ｏ]{4})"
_DATE = re.compile(
    rf"({_YEAR})\s*年\s*(\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\s*月\s*(\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\s*日"
)
_PUBLISHED = re.compile(rf"{_DATE.pattern}[^。）)]{{0,40}}?(?:公布|发布|印发|颁布|通过)")
_IN_FORCE = re.compile(
    rf"自\s*(?:{_DATE.pattern}|(?:公布|发布|印发|颁布|下发|签发)之日)\s*起\s*(?:正式)?(?:施行|实施|执行|生效|试行)"
)
_REPEALED = re.compile(r"(?:同时|即行|一并|予以|自行|相应|即)?\s*(?:废止|停止执行|失效)")
_NAMED = re.compile(
    r"《([^《》]{2,80})》\s*(?:[（(]\s*([^（）()]{2,40}(?:[（(][^（）()]*[）)])?[^（）()]{0,12})\s*[）)])?"
)
_TRIAL = re.compile(r"[（(](?:试行|暂行|修订|修订版|征求意见稿|草案|\d{4}\s*年?修[订正](?:版|本)?)[）)]\s*$")
_TITLE = re.compile(r"^(?P<issuer>[\u4e00-\u9fff（）、\s]{2,60}?)(?:关于|印发|转发)[^。；;]{2,160}$")
_BODY = re.compile(
    r"(?:部|局|委|会|室|厅|院|司|处|科|中心|公司|集团|府|校|学|署|组|行|团|站|所|馆|社|队|法院|领导小组)$"
)


@dataclass(frozen=True, slots=True)
class Repeal:
    """A document that this one ends: its title without 《》, and its number where it is named."""

    title: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class OfficialMetadata:
    """Empty or None where the text does not say it."""

    title: str = ""
    issuer: str = ""
    document_number: str = ""
    kind: str = ""
    issued_on: date | None = None
    effective_on: date | None = None
    repeals: tuple[Repeal, ...] = ()


def ends(elements: Iterable[Element]) -> list[Element]:
    """As much of a long document as `official_metadata` looks at: its first elements and its last."""
    remaining = iter(elements)
    head = list(islice(remaining, HEAD))
    return head + list(deque(remaining, maxlen=TAIL))


def official_metadata(elements: Sequence[Element]) -> OfficialMetadata:
    """Read the head and the tail of a parsed document; nothing for what is not written in Chinese."""
    head, tail = _lines(elements[:HEAD]), _lines(elements[-TAIL:])
    if not _is_chinese(head):
        return OfficialMetadata()
    title = _title(elements[:HEAD], head)
    issued = _issued_on(head, tail)
    number, order_issuer = _number(head, title)
    text = "\n".join(dict.fromkeys([*head, *tail]))
    return OfficialMetadata(
        title=title,
        issuer=order_issuer or _issuer(title, head, tail),
        document_number=number,
        kind="令" if order_issuer else kind_of_title(title),
        issued_on=issued,
        effective_on=_effective_on(text, issued),
        repeals=_repeals(text),
    )


def kind_of_title(title: str) -> str:
    """文种: the word that a title ends with, without "（试行）" and the like. "" where it ends otherwise."""
    bare = _TRIAL.sub("", title.strip()).rstrip("》」 ")
    return max((kind for kind in KINDS if bare.endswith(kind)), key=len, default="")


def parse_date(text: str) -> date | None:
    """The first "2024年3月5日" or "二〇二四年三月五日" in a text."""
    found = _DATE.search(text)
    return _date(*found.groups()) if found else None


def _lines(elements: Sequence[Element]) -> list[str]:
    """Elements as lines, white space between ideographs removed; tables are no place for these facts."""
    texts = (element.text for element in elements if element.kind not in ("table", "code"))
    lines = (_tight(line) for text in texts for line in text.split("\n"))
    return [line for line in lines if line]


def _tight(line: str) -> str:
    return re.sub(r"(?<=[\u3000-\u9fff〔〕（）])[ \u3000\xa0]+(?=[\u3000-\u9fff〔〕（）])", "", line.strip())


def _is_chinese(lines: Sequence[str]) -> bool:
    text = "".join(lines)[:2000]
    return sum("\u4e00" <= char <= "\u9fff" for char in text) * 3 > len(text)


def _title(elements: Sequence[Element], lines: Sequence[str]) -> str:
    """The line that ends with a kind and names its subject; else what the parser took for the title."""
    for number, line in enumerate(lines[:12]):
        joined = line + lines[number + 1] if number + 1 < len(lines) else line
        for candidate in (line, joined):
            if len(candidate) <= 120 and _TITLE.match(candidate) and kind_of_title(candidate):
                return candidate
    marked = [_tight(element.text) for element in elements if element.kind == "title"]
    short = [
        line for line in (*marked, *lines[:4]) if len(line) <= 80 and kind_of_title(line) and "。" not in line
    ]
    return short[0] if short else (marked[0] if marked and len(marked[0]) <= 120 else "")


def _number(lines: Sequence[str], title: str) -> tuple[str, str]:
    """(number, issuer of an order or ""). A line must be little else than the number."""
    for line in lines[:15]:
        found = _NUMBER.search(line)
        alone = found and len(found[0]) >= 0.6 * len(line.replace("签发人", "").strip("（）() "))
        if found and (alone or "签发人" in line):
            return f"{found['code']}〔{found['year']}〕{found['number']}号", ""
    for line, following in zip(lines[:4], [*lines[1:4], ""], strict=False):
        for candidate in (line, line + following):
            order = _ORDER.match(candidate)
            if order and "令" in candidate and len(candidate) <= 40:
                return f"{order['issuer']}令第{order['number']}号", order["issuer"]
    found = _NUMBER.search(title)
    return (f"{found['code']}〔{found['year']}〕{found['number']}号", "") if found else ("", "")


def _issuer(title: str, head: Sequence[str], tail: Sequence[str]) -> str:
    """Before 关于 in the title, else the red head line ("…文件"), else the signature above the date."""
    found = _TITLE.match(title)
    if found and (named := found["issuer"].strip()) and _BODY.search(named):
        return named
    for line in head[:4]:
        if line.endswith("文件") and 4 <= len(line) <= 40 and _BODY.search(line[:-2]):
            return line[:-2]
    for number in range(len(tail) - 1, 0, -1):
        dated = _DATE.fullmatch(tail[number].strip("（）() "))
        above = tail[number - 1].strip("（）() ")
        if dated and 2 <= len(above) <= 40 and _BODY.search(above):
            return above
    return ""


def _issued_on(head: Sequence[str], tail: Sequence[str]) -> date | None:
    """A date that stands alone at the end, else one "公布" or "印发" at the beginning, else "…印发" at the end."""
    for line in reversed(tail):
        if found := _DATE.fullmatch(line.strip("（）() ")):
            return _date(*found.groups())
        named = _DATE.search(line)
        if (
            named
            and line.endswith(named[0])
            and len(line) <= 40
            and _BODY.search(line[: named.start()].strip())
        ):
            return _date(*named.groups())
    for line in [*head[:8], *reversed(tail)]:
        if len(line) <= LONGEST and (found := _PUBLISHED.search(line)):
            return _date(*found.groups()[:3])
    return next((parse_date(line) for line in head[:6] if _DATE.fullmatch(line.strip("（）() "))), None)


def _effective_on(text: str, issued: date | None) -> date | None:
    """The last "自…起施行", one that says "本办法" and the like before any other."""
    found = list(_IN_FORCE.finditer(text))
    own = [match for match in found if "本" in text[max(0, match.start() - 14) : match.start()]]
    if not found:
        return None
    match = (own or found)[-1]
    return _date(match[1], match[2], match[3]) if match[1] else issued


def _repeals(text: str) -> tuple[Repeal, ...]:
    """Every 《…》 of a sentence that ends its validity."""
    found: dict[str, Repeal] = {}
    for sentence in re.split(r"[。；;\n]", text):
        end = _REPEALED.search(sentence)
        if end is None or len(sentence) > LONGEST:
            continue
        for title, number in _NAMED.findall(sentence[: end.start()]):
            found.setdefault(title, Repeal(title, number.strip() if "号" in number else ""))
    return tuple(found.values())[:20]


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int("".join(_DIGITS.get(char, char) for char in year)), _small(month), _small(day))
    except ValueError:
        return None


def _small(text: str) -> int:
    """1–39 in figures or as 十, 十五, 二十, 三十一."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(_DIGITS[char] for char in text))
    return 10 * int(_DIGITS.get(tens, "1") if tens else "1") + (int(_DIGITS[ones]) if ones else 0)
