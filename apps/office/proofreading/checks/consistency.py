"""One thing, one way of writing it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.office.proofreading.repairs import small_number
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Hit

_MONEY = re.compile(
    r"(?<![\d.,])(?:(\d{1,3}(?:,\d{3})+)|(\d{4,}))(?=(?:\.\d+)?\s?(?:元|万元|亿元|美元|欧元))"
)
_UNITS = "个工作日|个月|个小时|小时|天|周|分钟|个自然日"
_IN_HAN = re.compile(rf"(?<![一二三四五六七八九十百千万第零〇])([一二三四五六七八九十]{{1,3}})({_UNITS})")
_IN_DIGITS = re.compile(rf"(?<![\d.])(\d{{1,2}})\s?({_UNITS})")


def thousands(draft: Draft) -> Iterator[Hit]:
    """With and without a comma: what is rarer is told, and with a comma where both are as frequent."""
    found = list(_MONEY.finditer(draft.text))
    with_comma = [match for match in found if match[1]]
    without = [match for match in found if match[2]]
    if not with_comma or not without:
        return
    rarer = without if len(with_comma) > len(without) else with_comma
    for match in rarer:
        value = int(match[0].replace(",", ""))
        yield Hit(match.start(), match.end(), (f"{value:,}" if rarer is without else str(value),))


def same_quantity(draft: Draft) -> Iterator[Hit]:
    """五个工作日 beside 5个工作日."""
    digits = {(int(match[1]), match[2]) for match in _IN_DIGITS.finditer(draft.text)}
    for match in _IN_HAN.finditer(draft.text):
        value = small_number(match[1])
        if value is not None and (value, match[2]) in digits:
            yield Hit(match.start(1), match.end(1), (str(value),))
