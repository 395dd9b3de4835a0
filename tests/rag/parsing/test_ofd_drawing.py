"""An OFD page as a drawing: its text, lines and pictures in place, and nothing that could run."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing.ofd.document import parse_ofd
from apps.rag.parsing.ofd.drawing import draw_page, sheet_size
from tests.rag.parsing.oldfiles import ofd, ofd_text

SVG = "{http://www.w3.org/2000/svg}"
RULE = '<ofd:PathObject Boundary="10 20 100 5" LineWidth="0.5"><ofd:StrokeColor Value="200 0 0"/><ofd:AbbreviatedData>M 0 0 L 100 0 C</ofd:AbbreviatedData></ofd:PathObject>'


def drawn(path: Path, number: int = 1) -> ElementTree.Element:
    return ElementTree.fromstring(draw_page(path, number))


def test_text_stands_where_its_box_is(tmp_path: Path) -> None:
    path = ofd(
        tmp_path / "a.ofd", [ofd_text("第一页", x=60, y=20, size=8), ofd_text("第二页的内容。", x=20, y=20)]
    )
    (line,) = drawn(path, 2).iter(f"{SVG}text")
    box = next(element.box for element in parse_ofd(path).elements if element.page == 2)
    assert line.text == "第二页的内容。" and box is not None
    assert float(line.get("x") or 0) == pytest.approx(box.x0, abs=0.1)
    assert box.y0 < float(line.get("y") or 0) < box.y1
    assert sheet_size(path, 2) == pytest.approx((595.28, 841.89), abs=0.01)


def test_ruled_lines_are_drawn_in_their_colour(tmp_path: Path) -> None:
    (path,) = drawn(ofd(tmp_path / "a.ofd", [RULE + ofd_text("x", x=20, y=60)])).iter(f"{SVG}path")
    assert path.get("stroke") == "#c80000" and path.get("d") == "M0.000 0.000 L100.000 0.000 Z"


@pytest.mark.parametrize("steps", ["M 0 0 L x y", "javascript:alert(1)", "L 1", '"/&gt;&lt;script&gt;'])
def test_steps_that_make_no_sense_are_not_drawn(tmp_path: Path, steps: str) -> None:
    body = RULE.replace("M 0 0 L 100 0 C", steps) + ofd_text("x", x=20, y=60)
    assert not list(drawn(ofd(tmp_path / "a.ofd", [body])).iter(f"{SVG}path"))


def test_markup_in_the_text_stays_text(tmp_path: Path) -> None:
    body = ofd_text("&lt;script&gt;alert(1)&lt;/script&gt;", x=20, y=60)
    picture = drawn(ofd(tmp_path / "a.ofd", [body]))
    assert {node.tag for node in picture.iter()} == {f"{SVG}svg", f"{SVG}rect", f"{SVG}text"}


@pytest.mark.parametrize("number", [0, 2])
def test_a_page_that_is_not_there_is_refused(tmp_path: Path, number: int) -> None:
    with pytest.raises(ParseError):
        draw_page(ofd(tmp_path / "a.ofd", [ofd_text("x", x=20, y=60)]), number)
