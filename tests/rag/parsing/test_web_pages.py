from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing.page import parse_html, parse_mhtml
from apps.rag.types import ParsedDocument
from tests.rag.parsing.files import find, texts

PAGE = """<!DOCTYPE html><html><head><title>制度</title><style>p{color:red}</style><script>var secret = 1;</script></head>
<body><nav><a href="/">首页</a><a href="/x">关于</a></nav>
<h1>考勤制度</h1><p>员工应当按时上下班，遵守劳动纪律，这一段文字比较长，但它不是标题。</p>
<div style="display: none">隐藏的话</div><p hidden>也隐藏</p>
<h2>请假</h2><ul><li>病假<ul><li>附证明</li></ul></li></ul>
<table><caption>天数表</caption><tr><th>类型</th><th colspan="2">天数</th></tr><tr><td rowspan="2">年假</td><td>5</td><td>满一年</td></tr>
<tr><td>10</td><td>满十年</td></tr></table>
<pre><code>a = 1
  b = 2</code></pre><noscript>请开启脚本</noscript><footer>版权所有</footer></body></html>"""


def parsed(tmp_path: Path, markup: str, encoding: str = "utf-8") -> ParsedDocument:
    path = tmp_path / "a.html"
    path.write_bytes(markup.encode(encoding))
    return parse_html(path)


def test_a_page_keeps_its_structure_and_loses_what_is_not_shown(tmp_path: Path) -> None:
    document = parsed(tmp_path, PAGE)
    whole = "\n".join(texts(document))
    for hidden in ("secret", "color", "首页", "隐藏", "脚本", "版权"):
        assert hidden not in whole
    assert document.metadata == {"title": "制度"}
    assert texts(document, "heading") == ["考勤制度", "请假"]
    assert find(document, "员工应当").kind == "paragraph"
    assert texts(document, "list") == ["- 病假", "  - 附证明"]
    assert texts(document, "table") == [
        "| 类型 | 天数 | 天数 |\n| --- | --- | --- |\n| 年假 | 5 | 满一年 |\n| 年假 | 10 | 满十年 |"
    ]
    assert texts(document, "code") == ["a = 1\n  b = 2"]
    assert find(document, "天数表").headings == ("考勤制度", "请假")


def test_layout_tables_are_opened_and_double_breaks_part_paragraphs(tmp_path: Path) -> None:
    markup = f"<table><tr><td><img src=x></td><td>{'第一段文字。' * 90}<br><br>{'第二段文字。' * 90}</td></tr></table>"
    document = parsed(tmp_path, markup)
    assert texts(document, "paragraph") == ["第一段文字。" * 90, "第二段文字。" * 90]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16"])
def test_the_declared_charset_is_read(tmp_path: Path, encoding: str) -> None:
    markup = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><p>关于放假的通知</p>'
    assert texts(parsed(tmp_path, markup, encoding)) == ["关于放假的通知"]


def test_a_page_of_nothing_is_empty(tmp_path: Path) -> None:
    with pytest.raises(ParseError) as caught:
        parsed(tmp_path, "<html><script>x()</script></html>")
    assert caught.value.code == "empty"


def test_the_page_of_a_web_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.mhtml"
    path.write_bytes(
        b'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\nContent-Type: text/html; charset="gbk"\n'
        b"Content-Transfer-Encoding: 8bit\n\n<h1>"
        + "标题".encode("gbk")
        + b"</h1>\n--x\nContent-Type: image/gif\n\nR0lGOD\n--x--\n"
    )
    assert texts(parse_mhtml(path)) == ["标题"]


def test_unstructured_is_loaded_offline_without_spacy_or_torch() -> None:
    """In a process of its own, with every socket refused."""
    code = """
import socket, sys
def refuse(*_, **__): raise AssertionError("network")
socket.socket.connect = refuse; socket.getaddrinfo = refuse
from apps.rag.parsing.build import Builder
from apps.rag.parsing.page import add_html
builder = Builder(); add_html("<h1>标题</h1><p>Some longer sentence stands here.</p>".encode(), builder)
assert "unstructured" in sys.modules
print([name for name in ("spacy", "torch", "nltk", "transformers") if name in sys.modules], len(builder.document().elements))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "[] 2", done.stderr
