"""Every Word file that this program writes is one that Word's own schema accepts."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from docx import Document

from apps.chat.exporting import Exchange, Note, Paper
from apps.chat.word import word_file as export_file
from apps.office.files.docx.package import Package
from apps.office.files.docx.reading import DocxText
from apps.office.files.docx.writing import Change, clean, tracked
from apps.office.forms.templates import form_of, template_named
from apps.office.layout.sheet import sheet_file
from apps.office.layout.word import word_file as notice_file
from apps.office.notices.asking import wanted_from
from apps.office.notices.drafting import write_draft
from tests.wordfiles import W
from tests.wordschema import schema_faults

RUN = "<w:r><w:t>截止目前</w:t></w:r>"
MARK = 'w:id="7" w:author="B" w:date="2026-01-01T00:00:00Z"'
LINK = f"<w:hyperlink w:anchor='x'>{RUN}</w:hyperlink>"
SENTENCES = (
    f"<w:p><w:pPr><w:jc w:val='both'/></w:pPr><w:r><w:rPr><w:b/><w:sz w:val='28'/></w:rPr><w:t>截止</w:t></w:r>{RUN}</w:p>"
    f"<w:p><w:ins {MARK}>{RUN}</w:ins><w:del {MARK.replace('7', '8')}><w:r><w:delText>去年</w:delText></w:r></w:del></w:p>"
    f"<w:p>{LINK}<w:r><w:t>截止</w:t><w:tab/><w:t>目前</w:t><w:br/><w:t>截止目前</w:t></w:r></w:p>"
    f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='4000'/></w:tblGrid><w:tr><w:tc><w:tcPr/><w:p>{RUN}</w:p></w:tc></w:tr></w:tbl>"
    f"<w:p><w:sdt><w:sdtPr/><w:sdtContent>{RUN}</w:sdtContent></w:sdt><w:bookmarkStart w:id='3' w:name='x'/>{RUN}<w:bookmarkEnd w:id='3'/></w:p>"
)
FACTS = {
    "时间": "2026年3月5日9时",
    "地点": "第一会议室",
    "要求": ["按时参加", "不得缺席"],
    "附件": ["回执"],
    "抄送": "集团领导",
}
WRONG = {
    "properties behind the text": "<w:p><w:r><w:t>x</w:t><w:rPr><w:b/></w:rPr></w:r></w:p>",
    "properties out of order": "<w:p><w:r><w:rPr><w:sz w:val='20'/><w:b/></w:rPr><w:t>x</w:t></w:r></w:p>",
    "a change within a run": f"<w:p><w:r><w:ins {MARK}>{RUN}</w:ins></w:r></w:p>",
    "a change without its author": f"<w:p><w:ins w:id='1'>{RUN}</w:ins></w:p>",
    "text straight in a change": f"<w:p><w:ins {MARK}><w:t>x</w:t></w:ins></w:p>",
    "a date that is none": f"<w:p><w:ins {MARK.replace('2026-01-01', 'now')}>{RUN}</w:ins></w:p>",
    "an element that Word does not know": "<w:p><w:line/></w:p>",
}  # fmt: skip


def with_body(xml: str) -> bytes:
    """A file of python-docx with these elements in it."""
    from lxml import etree

    document, out = Document(), io.BytesIO()
    for node in etree.fromstring(f'<w:body xmlns:w="{W}">{xml}</w:body>'):
        document.element.body.insert(len(document.element.body) - 1, node)
    document.save(out)
    return Package(out.getvalue()).bytes()


def ours(faults: list[str]) -> list[str]:
    """Without what python-docx's template says wrong of its own styles."""
    return [one for one in faults if "stylesWithEffects" not in one]


def test_the_check_finds_what_word_would_refuse():
    found = ours(schema_faults(with_body("".join(WRONG.values()))))
    for place, name in enumerate(WRONG, start=1):
        assert any(f"/body[1]/p[{place}]" in one for one in found), name


@pytest.mark.parametrize("is_tracked", [True, False])
def test_a_proofread_file_with_links_tables_controls_and_others_changes(is_tracked):
    data = with_body(SENTENCES)
    assert ours(schema_faults(data)) == []
    text = DocxText(Package(data)).text
    places = [at for at in range(len(text)) if text.startswith("截止", at)]
    assert len(places) == 9
    news = ["截至", None, "至", "截止到", "截至", None, "至", "截止到", "截至"]
    changes = [Change(at, at + 2, new, "应为“截至”") for at, new in zip(places, news, strict=True)]
    assert ours(schema_faults((tracked if is_tracked else clean)(data, changes))) == []


def test_notices_with_and_without_heads_seals_and_attachments():
    whole = {"issuer": "云岭集团", "addressees": "各部门", "document_number": "云集办〔2026〕1号", "date": "2026-02-20", "facts": FACTS, "attachments": [{"title": "参会回执", "text": "姓名：\n职务："}]}  # fmt: skip
    for kind in ("决议", "命令", "通知", "函", "纪要"):
        draft = write_draft(wanted_from({"kind": kind, "subject": "召开年度安全生产工作会议", **whole}))
        assert schema_faults(notice_file(draft)) == [], kind
    bare = write_draft(wanted_from({"subject": "召开会议"}))
    assert schema_faults(notice_file(bare, sealed=True, red_head=False)) == []


def test_sheets_of_forms_with_tables_notes_and_pairs():
    for name, language in (("leave", "zh"), ("expense", "en"), ("joining", "zh"), ("visitor", "en")):
        template = template_named(name)
        assert template and schema_faults(sheet_file(form_of(template, language=language))) == [], name


def test_an_exported_conversation():
    note = Note(1, "差旅办法 <2026>", "第 2 页", "制度", "每天四百元 & \x0b更多")
    answer = "# 标题\n\n**四百元**[1]，*另见*[1]\n\n1. 一\n   - 二\n\n> 引文\n\n```\n<code>\n```\n\n| 城市 | 元 |\n| --- | --- |\n| 上海 | 380[1] |\n\n---\n\n[链接](https://example.org)"
    paper = Paper("住宿 <标准>", datetime(2026, 3, 5, tzinfo=UTC), [Exchange("多少？", answer, [note], fault="中断", label="一般知识"), Exchange("", "无", [])])  # fmt: skip
    assert schema_faults(export_file(paper)) == []
