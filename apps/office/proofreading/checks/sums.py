"""Figures that do not add up, and amounts whose words differ from their figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Hit

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
_UNIT = r"(万元|亿元|元|人|名|个|家|户|件|项|套|台|辆|吨|公里|平方米|亩|次|天|份|本|篇|公顷|万吨)"
_TOTAL = re.compile(rf"(?:共计|合计|总计|总共|一共|共有|共)[^\d。；\n]{{0,8}}{_NUMBER}\s?{_UNIT}")
_PART = re.compile(_NUMBER + r"\s?" + _UNIT)
_SHARES = re.compile(r"分别(?:占|为|是)[^。\n]{4,120}")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s?[%％]")
_SEX = re.compile(r"男[^。]*女|女[^。]*男")
_CAPITAL = "零〇壹贰叁肆伍陆柒捌玖拾佰仟万亿圆元角分整正"
_WORDS = re.compile(
    _NUMBER + r"\s?(万元|元)\s?[（(，,]?\s?(?:人民币)?\s?(?:（?大写）?)?[：:为]?\s?(?:人民币)?\s?"
    rf"([{_CAPITAL}]{{3,}})"
)


def decimal_of(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def sums(draft: Draft) -> Iterator[Hit]:
    """“共…，其中…” in one sentence. Parts may overlap or be a selection, so a lower sum counts only where the
    parts are men and women; a higher one always."""
    for match in _TOTAL.finditer(draft.text):
        stop = re.compile("[。；\n]").search(draft.text, match.end())
        rest = draft.text[match.end() : stop.start() if stop else len(draft.text)]
        if "其中" not in rest[:12]:
            continue
        told = [decimal_of(part[1]) for part in _PART.finditer(rest) if part[2] == match[2]]
        parts = [part for part in told if part is not None]
        total = decimal_of(match[1])
        added: Decimal = sum(parts, Decimal(0))
        if total is None or len(parts) < 2 or added == total:
            continue
        if added > total or _SEX.search(rest):
            note = {"zh": f"分项之和是{added}{match[2]}。", "en": f"The parts add up to {added}."}
            yield Hit(match.start(1), match.end(1), (str(added),), note)


def percentages(draft: Draft) -> Iterator[Hit]:
    """Three or more shares after 分别占 that come close to 100 % and miss it."""
    for match in _SHARES.finditer(draft.text):
        shares = [Decimal(share) for share in _SHARE.findall(match[0])]
        whole = sum(shares, Decimal(0))
        slack = Decimal("0.05") * len(shares)
        if len(shares) >= 3 and 90 <= whole <= 110 and abs(whole - 100) > slack:
            note = {"zh": f"各项百分比之和是{whole}%。", "en": f"The shares add up to {whole} %."}
            yield Hit(match.start(), match.end(), (), note)


def amount_words(draft: Draft) -> Iterator[Hit]:
    for match in _WORDS.finditer(draft.text):
        amount, words = decimal_of(match[1]), match[3]
        if amount is None:
            continue
        amount *= 10_000 if match[2] == "万元" else 1
        right = capital_words(amount)
        if right and _same(words) != _same(right) and value_of(words) != amount:
            yield Hit(match.start(3), match.end(3), (right,))


def capital_words(amount: Decimal) -> str:
    """壹万贰仟元整; empty for amounts that are not written so."""
    import cn2an

    if amount < 0 or amount >= Decimal(10) ** 15:
        return ""
    return str(cn2an.an2cn(f"{amount.normalize():f}", "rmb")).replace("圆", "元")


def _same(words: str) -> str:
    return words.replace("圆", "元").replace("正", "整").replace("〇", "零").removesuffix("整")


def value_of(words: str) -> Decimal | None:
    """What 壹万贰仟元伍角整 amounts to; None where it cannot be read."""
    import cn2an

    whole, _mark, rest = _same(words).partition("元")
    plain = whole.translate(str.maketrans("零壹贰叁肆伍陆柒捌玖拾佰仟", "零一二三四五六七八九十百千"))
    try:
        value = Decimal(str(cn2an.cn2an(plain, "smart"))) if plain else Decimal(0)
    except ValueError:
        return None
    for mark, worth in (("角", Decimal("0.1")), ("分", Decimal("0.01"))):
        if found := re.search(rf"([壹贰叁肆伍陆柒捌玖]){mark}", rest):
            value += worth * (" 壹贰叁肆伍陆柒捌玖".index(found[1]))
    return value
