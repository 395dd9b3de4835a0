"""A Word file of a hundred pages goes through proofreading: what is not corrected stays as it was, element by element."""

from __future__ import annotations

import copy
import io
import zipfile

import pytest
from docx import Document
from docx.enum.text import WD_BREAK
from lxml import etree
from PIL import Image

from apps.office.files.docx.package import Package, w
from apps.office.files.docx.reading import DocxText
from apps.office.files.docx.writing import AUTHOR, SPACE, Change, clean, tracked
from apps.office.proofreading.engine import Options, make_draft, proofread
from tests.wordfiles import W
from tests.wordschema import schema_faults

PAGES = 100
SENTENCES = (
    "各单位要认真贯彻落实会议精神，明确责任分工，按时完成各项任务。",
    "截止目前，已有部份加压泵站峻工并通过验收，其余工程正在按计划推进。",
    "请各单位登陆系统上报自查情况，逾期未报的予以通报。",
    "会议强调，要加强组织领导，完善工作机制，确保供水安全。",
)
NOTES = f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="2"><w:p><w:r><w:t>截止目前</w:t></w:r></w:p></w:footnote></w:footnotes>'
# What an element may hold, in this order (of the parts of ECMA-376 that are written here).
FIRST = {w("r"): w("rPr"), w("p"): w("pPr")}
IN_CHANGE = {w("r"), w("ins"), w("del"), w("commentRangeStart"), w("commentRangeEnd")}
OURS = "commentRangeStart", "commentRangeEnd", "commentReference"


def built() -> bytes:
    """Headings, tables, pictures, a header, a footer, a footnote, and changes of somebody else."""
    document = Document()
    document.sections[0].header.paragraphs[0].text = "云岭市水务局"
    document.sections[0].footer.paragraphs[0].text = "内部资料"
    for page in range(PAGES):
        document.add_heading(f"第{page + 1}部分", level=1)
        for number in range(9):
            paragraph = document.add_paragraph(SENTENCES[(page + number) % len(SENTENCES)])
            paragraph.add_run(SENTENCES[number % len(SENTENCES)]).bold = number % 2 == 0
        if page % 5 == 0:
            table = document.add_table(rows=3, cols=3)
            for cell in table._cells:
                cell.text = "部份完成" if page % 10 else "已完成"
        if page % 20 == 0:
            document.add_picture(_picture())
        paragraph._p.append(_others(page))
        document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/footnotes.xml", NOTES)
    return out.getvalue()


def _picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "firebrick").save(out, "PNG")
    out.seek(0)
    return out


def _others(page: int) -> etree._Element:
    told = f'<w:ins xmlns:w="{W}" w:id="{9000 + page}" w:author="B" w:date="2026-01-01T00:00:00Z">'
    return etree.fromstring(f"{told}<w:r><w:t>另行布署。</w:t></w:r></w:ins>")


def document_of(data: bytes) -> etree._Element:
    root = Package(data).xml("word/document.xml")
    assert root is not None
    return root


def settled(data: bytes, *, accepted: bool) -> bytes:
    """The document's canonical XML after all of our changes were accepted or refused, and our comments taken out."""
    root = copy.deepcopy(document_of(data))
    for name in OURS:
        for node in list(root.iter(w(name))):
            gone = node.getparent() if name == "commentReference" else node
            gone.getparent().remove(gone)
    for mark in [one for one in root.iter(w("ins"), w("del")) if one.get(w("author")) == AUTHOR]:
        if (mark.tag == w("ins")) is accepted:
            for child in list(mark):
                mark.addprevious(child)
        mark.getparent().remove(mark)
    for node in root.iter(w("delText")):
        node.tag = w("t")
    return normal(root)


def normal(root: etree._Element) -> bytes:
    """Neighbouring runs with the same properties are one; whether spaces are kept is no content."""
    for run in list(root.iter(w("r"))):
        before = run.getprevious()
        if before is None or before.tag != w("r") or not _plain(run) or not _plain(before):
            continue
        if _properties(run) == _properties(before):
            run.find(w("t")).text = (before.find(w("t")).text or "") + (run.find(w("t")).text or "")
            before.getparent().remove(before)
    for node in root.iter(w("t")):
        node.attrib.pop(SPACE, None)
    return etree.tostring(root, method="c14n")


def _plain(run: etree._Element) -> bool:
    return [node.tag for node in run if node.tag != w("rPr")] == [w("t")]


def _properties(run: etree._Element) -> bytes:
    found = run.find(w("rPr"))
    return b"" if found is None else etree.tostring(found, method="c14n")


@pytest.fixture(scope="module")
def read() -> tuple[bytes, str, list[Change]]:
    data = built()
    text = DocxText(Package(data)).text
    report = proofread(make_draft(text), options=Options("precise", frozenset({"rules", "dictionary"})))
    taken, end = [], -1
    for one in report.findings:
        if one.fixable and one.text and one.offset > end and "\n" not in one.text:
            taken.append(Change(one.offset, one.end, one.suggestions[0].value, one.title["zh"]))
            end = one.end
    assert len(taken) > 5 * PAGES
    return data, text, taken


def test_refusing_all_changes_gives_the_very_document_back(read):
    data, _text, changes = read
    assert settled(tracked(data, changes), accepted=False) == normal(document_of(data))


def test_accepting_all_changes_gives_the_corrected_text_and_is_the_clean_copy(read):
    data, text, changes = read
    for change in reversed(changes):
        text = text[: change.start] + (change.new or "") + text[change.end :]
    done = tracked(data, changes)
    assert settled(done, accepted=True) == normal(document_of(clean(data, changes)))
    assert DocxText(Package(done)).text == text


def test_every_other_part_is_the_same_byte_for_byte(read):
    data, _text, changes = read
    written = {
        "word/document.xml",
        "word/comments.xml",
        "word/_rels/document.xml.rels",
        "[Content_Types].xml",
    }
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(io.BytesIO(tracked(data, changes))) as after,
    ):
        assert set(after.namelist()) - set(before.namelist()) <= {"word/comments.xml"}
        others = set(before.namelist()) - written
        assert {
            "word/header1.xml",
            "word/footer1.xml",
            "word/footnotes.xml",
            "word/media/image1.png",
        } <= others
        assert [name for name in others if before.read(name) != after.read(name)] == []


def test_words_own_schema_accepts_it(read):
    data, _text, changes = read
    faults = schema_faults(tracked(data, changes))
    assert [
        one for one in faults if "stylesWithEffects" not in one
    ] == []  # python-docx's template says that of itself


def test_elements_stand_where_the_schema_wants_them(read):
    data, _text, changes = read
    package = Package(tracked(data, changes))
    root, comments = document_of(package.bytes()), package.xml("word/comments.xml")
    assert comments is not None
    for tag, first in FIRST.items():
        assert all(node[0].tag == first for node in root.iter(tag) if node.find(first) is not None)
    for mark in root.iter(w("ins"), w("del")):
        assert {node.tag for node in mark} <= IN_CHANGE
        assert mark.get(w("id")) and mark.get(w("author")) and mark.get(w("date"))
    assert not [node for mark in root.iter(w("del")) for node in mark.iter(w("t"))]
    assert all(any(up.tag == w("del") for up in node.iterancestors()) for node in root.iter(w("delText")))
    ids = [node.get(w("id")) for node in root.iter(w("ins"), w("del"))]
    assert len(ids) == len(set(ids))
    told = {node.get(w("id")) for node in comments}
    for name in OURS:
        assert {node.get(w("id")) for node in root.iter(w(name))} == told
