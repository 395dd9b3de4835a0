from __future__ import annotations

from pathlib import Path

from apps.rag.parsing.epub import parse_epub
from tests.rag.parsing.files import find, texts
from tests.rag.parsing.oldfiles import epub


def test_pages_come_in_the_order_of_the_spine_under_their_headings(tmp_path: Path) -> None:
    pages = {
        "b.xhtml": "<h1>第二章</h1><p>请假三天以上须经批准。</p>",
        "a.xhtml": "<h1>第一章</h1><p>上班时间为九点。</p>",
    }
    document = parse_epub(epub(tmp_path / "a.epub", pages, spine=["a.xhtml", "b.xhtml"]))
    assert texts(document) == ["第一章", "上班时间为九点。", "第二章", "请假三天以上须经批准。"]
    assert find(document, "请假").headings == ("第二章",)
    assert document.metadata["title"] == "员工手册"


def test_a_missing_chapter_is_a_warning_and_a_remote_one_is_not_fetched(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    epub(
        path,
        {"a.xhtml": "<p>留下的一章。</p>", "http://203.0.113.1/x.xhtml": "remote", "c.xhtml": "<p>c</p>"},
    )
    kept = tmp_path / "b.epub"
    import zipfile

    with zipfile.ZipFile(path) as source, zipfile.ZipFile(kept, "w") as target:
        for name in source.namelist():
            if not name.endswith("c.xhtml"):
                target.writestr(name, source.read(name))
    document = parse_epub(kept)
    assert texts(document) == ["留下的一章。"]
    assert len(document.warnings) == 1 and "1 " in document.warnings[0]
