"""The names that a sentence gives: titles in 《》, people by their office, addresses, capitalised words.

Only what can be told apart without a model; a name that is not seen is not checked.
"""

from __future__ import annotations

import re

from apps.rag.sparse import fold

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方任袁柳唐罗薛贺汤滕"
    "安常于傅齐康伍余顾孟黄萧尹姚邵汪祁毛狄贝宋庞熊纪舒屈项董梁杜阮蓝季贾江郭梅林钟徐邱骆高夏蔡田樊胡霍"
    "卢莫丁邓洪包石崔龚程裴陆荣翁段侯秋武刘叶白蒲乔温庄晏柴阎连易廖耿寇聂曾沙关岳游欧龙史谭"
)
_OFFICE = (
    "经理|总监|主任|部长|处长|科长|局长|院长|校长|所长|组长|书记|老师|教授|博士|工程师|会计|先生|女士|同志"
)
_PATTERNS = (
    re.compile(r"《([^》\n]{2,60})》"),
    re.compile(rf"(?:^|[，。、；：:\s由与和是为找])([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?:{_OFFICE})"),
    re.compile(
        rf"(?:联系人|负责人|经办人|签发人|申请人|审批人)\s*[:：为是]\s*([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    ),
    re.compile(r"([\w.+-]+@[\w-]+(?:\.[\w-]+)+)"),
    re.compile(r"(?<=[a-z,;:] )((?:[A-Z][a-zA-Z'’&-]+ ?){1,4})"),
    re.compile(r"(?<![A-Za-z])([A-Z][A-Z0-9&-]{1,9})(?![a-z])"),
)
_COMMON = frozenset("i ok faq id q a january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday".split())  # fmt: skip


def names(text: str) -> set[str]:
    """Folded, so that they can be looked for in a folded text."""
    found = {fold(match[1]).strip(" .,'’-&") for pattern in _PATTERNS for match in pattern.finditer(text)}
    return {name for name in found if len(name) > 1 and name not in _COMMON}
