"""The renderer's output is safe whatever a model or a document wrote."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.core.markdown import ATTRIBUTES, TAGS, render_markdown

MARKS = {1: "/messages/m/sources/1/", 2: "/messages/m/sources/2/"}
CITE = '<a class="cite" href="/messages/m/sources/1/" data-number="1">1</a>'

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a <b onclick=alert(1)>b</b>",
    "<!-- --><svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a]( javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "[a](//evil.example/x)",
    "[a](/logout/)",
    "<javascript:alert(1)>",
    "![a](http://evil.example/p.png)",
    "![a](data:image/svg+xml,<svg/onload=alert(1)>)",
    "[![a](http://evil.example/p.png)](http://evil.example)",
    "![a][1]\n\n[1]: http://evil.example/p.png",
    '[a](http://x.example "[1]<img src=x onerror=alert(1)>")',
    '[a](http://x.example "\\" onmouseover=alert(1) x=\\"")',
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "| <script>alert(1)</script> |\n| --- |\n| <img src=x onerror=alert(1)> |",
    "[[1]](javascript:alert(1))",
    "\ue0001\ue001 \ue000<script>\ue001",
    '<a class="cite" href="javascript:alert(1)" data-number="1">1</a>',
]


class Strict(HTMLParser):
    """Collects every tag and attribute that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def tags_of(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Strict()
    parser.feed(html)
    return parser.tags


def is_safe(html: str) -> None:
    for tag, attributes in tags_of(html):
        assert tag in TAGS, tag
        assert set(attributes) <= ATTRIBUTES.get(tag, set()), (tag, attributes)
        if "href" in attributes:
            assert re.match(r"https?://|mailto:|/messages/m/sources/\d/$", attributes["href"] or "", re.I)


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("citations", [MARKS, {}, None])
def test_nothing_dangerous_comes_out(text, citations):
    is_safe(render_markdown(text, citations=citations))


@pytest.mark.parametrize("text", [*ATTACKS, "[a](http://evil.example/?q=1)", "<http://evil.example>"])
def test_an_answer_has_no_links_but_its_marks(text):
    links = [attributes for tag, attributes in tags_of(render_markdown(text, citations=MARKS)) if tag == "a"]
    assert all(link["class"] == "cite" for link in links)
    assert all(link["href"] in MARKS.values() for link in links)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="[]()<>!\"'`1ahref=:/\\ \n|-*&#;\ue000\ue001", max_size=60))
@example('[1](x "[1]">)')
def test_any_text_is_safe(text):
    is_safe(render_markdown(text, citations=MARKS))


def test_an_address_in_an_answer_is_shown():
    html = render_markdown("See [the page](http://x.example/a) and <http://y.example>.", citations={})
    assert html == "<p>See the page (http://x.example/a) and http://y.example.</p>\n"


def test_outside_of_answers_a_link_is_a_link_that_tells_nothing():
    html = render_markdown("[a](https://x.example)")
    assert html == '<p><a href="https://x.example" rel="noopener noreferrer nofollow">a</a></p>\n'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Five days [1].", f"<p>Five days {CITE}.</p>\n"),
        ("**[1]**", f"<p><strong>{CITE}</strong></p>\n"),
        ("[1][2]", f'<p>{CITE}<a class="cite" href="{MARKS[2]}" data-number="2">2</a></p>\n'),
        ("Not a source [3].", "<p>Not a source [3].</p>\n"),
        ("`row[1]`", "<p><code>row[1]</code></p>\n"),
        ("```\nrow[1]\n```", "<pre><code>row[1]\n</code></pre>\n"),
        ("[1]: the handbook", f"<p>{CITE}: the handbook</p>\n"),
        ("[1](http://evil.example)", f"<p>{CITE}(http://evil.example)</p>\n"),
    ],
)
def test_marks_are_links_only_where_they_may_be(text, html):
    assert render_markdown(text, citations=MARKS) == html


def test_tables_lists_and_code_are_rendered():
    html = render_markdown(
        "| a | b |\n|---|---|\n| 1 [1] | 2 |\n\n3. x\n\n~~y~~\n\n```python\nz\n```", citations=MARKS
    )
    assert "<table>" in html
    assert f"<td>1 {CITE}</td>" in html
    assert '<ol start="3">' in html
    assert "<s>y</s>" in html
    assert '<code class="language-python">z' in html
