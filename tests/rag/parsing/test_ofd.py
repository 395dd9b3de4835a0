from __future__ import annotations

from pathlib import Path

import pytest

from apps.rag.parsing.ofd.document import parse_ofd
from apps.rag.parsing.ofd.objects import deltas
from tests.rag.parsing.files import find, texts
from tests.rag.parsing.oldfiles import ofd, ofd_text

MM = 72 / 25.4


def test_lines_have_boxes_in_points_and_make_paragraphs(tmp_path: Path) -> None:
    first = "各单位应当按照本办法的规定办理公文，并在规定期限内办结，"
    body = (
        ofd_text("关于公文处理的通知", x=60, y=20, size=8)
        + ofd_text(first, x=20, y=60)
        + ofd_text("不得拖延。", x=20, y=66)
    )
    document = parse_ofd(ofd(tmp_path / "a.ofd", [body, ofd_text("第二页的内容。", x=20, y=20)]))
    assert texts(document) == ["关于公文处理的通知", f"{first}不得拖延。", "第二页的内容。"]
    assert document.elements[0].kind == "heading"
    box = document.elements[0].box
    assert box is not None and box.page == 1
    assert box.x0 == pytest.approx(60 * MM, abs=0.1) and box.x1 == pytest.approx(132 * MM, abs=0.5)
    assert 20 * MM < box.y0 < box.y1 < 31 * MM
    assert document.page_count == 2 and document.page_sizes[0] == pytest.approx((595.28, 841.89), abs=0.01)
    assert find(document, "第二页").page == 2
    assert document.metadata["title"] == "公文"


def test_the_template_and_the_fields_of_an_invoice_are_read(tmp_path: Path) -> None:
    page = '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer>{}</ofd:Layer></ofd:Content></ofd:Page>'
    path = tmp_path / "a.ofd"
    body = (
        ofd_text("26137000", x=56, y=30)
        + '</ofd:Layer></ofd:Content><ofd:Template TemplateID="9"/><ofd:Content><ofd:Layer>'
    )
    info = '<ofd:CustomDatas><ofd:CustomData Name="合计金额">99.09</ofd:CustomData><ofd:CustomData Name="producer">x</ofd:CustomData></ofd:CustomDatas>'
    ofd(
        path,
        [body],
        common='<ofd:TemplatePage ID="9" BaseLoc="Tpls/9.xml"/>',
        info=info,
        parts={"Doc_0/Tpls/9.xml": page.format(ofd_text("发票号码：", x=36, y=30))},
    )
    document = parse_ofd(path)
    assert texts(document) == ["发票号码：26137000", "合计金额：99.09"]


def test_repeated_steps_are_counted_and_bounded() -> None:
    assert deltas("g 3 2.5 4", 10) == [2.5, 2.5, 2.5, 4.0]
    assert len(deltas("g 999999999 1", 5)) == 5
    assert deltas("g x", 5) == []
