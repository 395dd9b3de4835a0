"""The layout of official documents: what the Word file says, and what LibreOffice makes of it, measured."""

from __future__ import annotations

import io
import shutil
from itertools import pairwise

import pytest
from docx import Document as WordDocument

from apps.office.layout import measures as m
from apps.office.layout.parts import signature_places
from apps.office.layout.pdf import pdf_file
from apps.office.layout.titles import title_lines
from apps.office.layout.word import word_file
from apps.office.notices.asking import wanted_from
from apps.office.notices.draft import Draft
from apps.office.notices.drafting import write_draft

ASKED = {
    "subject": "召开年度安全生产工作会议",
    "issuer": "云岭集团",
    "addressees": "各部门",
    "document_number": "云集办〔2026〕1号",
    "date": "2026-02-20",
    "attachments": [{"title": "参会回执", "text": "姓名：\n职务："}],
    "facts": {
        "要求": "汉字" * 700,
        "附件": ["参会回执", "会议议程表"],
        "抄送": "集团领导",
        "印发机关": "云岭集团办公室",
        "印发日期": "2026年2月20日",
    },
}


@pytest.fixture(scope="module")
def draft() -> Draft:
    return write_draft(wanted_from(ASKED))


def test_measures_of_the_word_file(draft):
    document = WordDocument(io.BytesIO(word_file(draft)))
    page = document.sections[0]
    margins = [page.top_margin, page.left_margin, page.bottom_margin, page.right_margin]
    assert [round(one.mm) for one in margins] == [37, 28, 35, 26]
    assert not page._sectPr.xpath("w:docGrid")
    body = next(one for one in document.paragraphs if "汉字汉字" in one.text)
    assert body._p.xpath("w:pPr/w:spacing/@w:line") == ["579"]
    assert body._p.xpath("w:pPr/w:spacing/@w:lineRule") == ["exact"]
    assert body._p.xpath("w:r/w:rPr/w:spacing/@w:val") == ["-5"]
    assert body._p.xpath("w:r/w:rPr/w:rFonts/@w:eastAsia") == ["仿宋_GB2312"]
    red = [one for one in document.paragraphs if one._p.xpath("w:r/w:rPr/w:color[@w:val='FF0000']")]
    assert [one.text for one in red] == ["云岭集团文件"]


def test_gaps_are_highlighted(draft):
    document = WordDocument(io.BytesIO(word_file(draft)))
    marked = [run.text for one in document.paragraphs for run in one.runs if run.font.highlight_color]
    assert "［待补：地点］" in marked


def test_titles_break_between_words():
    title = "云岭集团有限公司关于召开2026年度安全生产工作会议暨先进集体表彰大会的通知"
    lines = title_lines(title)
    assert "".join(lines) == title and all(len(line) <= 20 for line in lines)
    assert not any(line[0] in "的年度会议"[:2] for line in lines[1:])
    assert title_lines("短标题") == ["短标题"]
    assert "".join(title_lines("长" * 77)) == "长" * 77


def test_the_date_begins_two_characters_right_of_the_name_and_a_seal_moves_it_to_four():
    name, day = signature_places("云岭集团有限责任公司", "2026年2月20日", sealed=False)
    assert day - name == pytest.approx(2 * m.EM_PT)
    assert name + m.width_of("云岭集团有限责任公司") == pytest.approx(m.WIDTH_PT - 2 * m.EM_PT)
    _name, sealed = signature_places("云岭", "2026年2月20日", sealed=True)
    assert sealed + m.width_of("2026年2月20日") == pytest.approx(m.WIDTH_PT - 4 * m.EM_PT)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_rendered_it_has_22_lines_of_28_characters_and_its_distances(draft):
    import pypdfium2

    with pypdfium2.PdfDocument(pdf_file(word_file(draft))) as pdf:
        assert len(pdf) == 5
        lines = _lines(pdf[1])
        assert len([line for line in lines if line["bottom"] < 262]) == m.LINES
        full = [line for line in lines if line["count"] == m.CHARACTERS]
        assert len(full) >= 15
        assert all(line["left"] == pytest.approx(28, abs=0.6) for line in full)
        assert all(line["right"] == pytest.approx(184, abs=0.8) for line in full)
        steps = [after["bottom"] - before["bottom"] for before, after in pairwise(full)]
        assert all(step == pytest.approx(m.LINE_PT / m.PT_PER_MM, abs=0.15) for step in steps)
        mark, rule = _red(pdf[0])
        assert mark[0] == pytest.approx(m.TOP_MM + 35, abs=1)
        number = next(line for line in _lines(pdf[0]) if "号" in line["text"])
        assert rule[0] - number["ink_bottom"] == pytest.approx(4, abs=1.2)
        assert rule[3] - rule[2] == pytest.approx(m.WIDTH_MM, abs=0.5)
        last = _lines(pdf[4])
        assert [line["text"] for line in last][:2] == ["附件1", "参会回执"]
        printed = next(line for line in last if line["text"].endswith("印发"))
        assert printed["bottom"] == pytest.approx(262, abs=4)
        assert last[-1]["text"] == "—5—" and last[-1]["left"] > 150
        assert _lines(pdf[3])[-1]["left"] < 40


def _lines(page) -> list[dict]:
    """The lines of a page from the top, in millimetres from its upper left corner."""
    text, height = page.get_textpage(), page.get_height()
    rows: list[list[tuple]] = []
    boxes = []
    for at in range(text.count_chars()):
        letter = text.get_text_range(at, 1)
        if letter.strip():
            loose, tight = text.get_charbox(at, loose=True), text.get_charbox(at)
            boxes.append(
                (height - (loose[1] + loose[3]) / 2, letter, loose, height - tight[1], height - loose[1])
            )
    for box in sorted(boxes):
        if rows and box[0] - rows[-1][-1][0] < 8:
            rows[-1].append(box)
        else:
            rows.append([box])
    found = []
    for row in rows:
        row.sort(key=lambda box: box[2][0])
        found.append(
            {
                "text": "".join(box[1] for box in row),
                "count": len(row),
                "left": row[0][2][0] / m.PT_PER_MM,
                "right": row[-1][2][2] / m.PT_PER_MM,
                "bottom": max(box[4] for box in row) / m.PT_PER_MM,
                "ink_bottom": max(box[3] for box in row) / m.PT_PER_MM,
            }
        )
    return found


def _red(page) -> list[tuple[float, float, float, float]]:
    """(top, bottom, left, right) of each red band, in millimetres."""
    import numpy as np

    dots = 200
    picture = np.asarray(page.render(scale=dots / 72).to_pil().convert("RGB")).astype(int)
    red = (picture[..., 0] > 180) & (picture[..., 1] < 110) & (picture[..., 2] < 110)
    rows = np.flatnonzero(red.any(axis=1))
    bands = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    found = []
    for band in bands:
        columns = np.flatnonzero(red[band].any(axis=0))
        found.append(
            tuple(value / dots * 25.4 for value in (band[0], band[-1] + 1, columns[0], columns[-1] + 1))
        )
    return found
