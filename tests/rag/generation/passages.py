"""Small passages for the tests of this folder."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from apps.rag.types import Chunk, ScoredChunk, Source

LEAVE = """## 年休假
员工入职满一年后享受带薪年休假5天；满十年的10天。

问：年假可以跨年使用吗？
答：可以，但须在次年3月31日前休完，由部门经理审批。

联系人：人力资源部 王敏，电话 010-62345678，邮箱 hr@example.com。"""
TRAVEL_TABLE = """差旅标准如下：

| 职级 | 住宿（元/晚） | 交通 | 伙食补贴 |
| --- | --- | --- | --- |
| 总监 | 800 | 高铁一等座 | 150 |
| 经理 | 600 | 高铁二等座 | 120 |
| 员工 | 400 | 高铁二等座 | 100 |
"""
TRAVEL = "Employees may claim up to $75 per day for meals. Claims must be filed within 30 days of the trip. The finance team reviews each claim."


def source(
    number: int,
    text: str,
    *,
    title: str = "",
    headings: tuple[str, ...] = (),
    page: int | None = None,
    score: float = 1.0,
) -> Source:
    document = uuid5(NAMESPACE_URL, f"{number}{title}")
    chunk = Chunk(uuid5(document, "1:0"), document, 1, 0, title, text, headings, page, page)
    return Source(number, ScoredChunk(chunk, score))


def handbook() -> list[Source]:
    return [
        source(1, TRAVEL_TABLE, title="差旅管理办法", headings=("第三章 标准",), page=4),
        source(2, LEAVE, title="员工手册"),
        source(3, TRAVEL, title="Travel policy"),
    ]
