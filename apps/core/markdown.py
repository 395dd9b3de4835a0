"""The one Markdown renderer: history, stream and export all pass here. Its output is safe HTML.

No raw HTML, no images, only http(s) and mailto links; a citation mark becomes a link only where the
caller allows its number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

TAGS = frozenset(
    "p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s table thead tbody tr th td a".split()
)
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}}
MARK = re.compile(r"\[(\d{1,3})\]")
# Private-use characters carry a mark through the parser, which would otherwise read [1] as a link label.
OPEN, CLOSE = "\ue000", "\ue001"
CARRIED = re.compile(f"{OPEN}(\\d{{1,3}}){CLOSE}")


def render_markdown(text: str, *, citations: Mapping[int, str] | None = None) -> SafeString:
    """HTML of a Markdown text; `citations` maps a number to the address that its mark opens."""
    allowed = citations or {}
    carried = MARK.sub(lambda match: _carry(match, allowed), text.replace(OPEN, "").replace(CLOSE, ""))
    html = _clean(_parser().render(carried))
    return mark_safe(CARRIED.sub(lambda match: _mark(int(match[1]), allowed), html))  # noqa: S308 - cleaned by nh3


def _carry(match: re.Match[str], allowed: Mapping[int, str]) -> str:
    return f"{OPEN}{match[1]}{CLOSE}" if int(match[1]) in allowed else match[0]


def _mark(number: int, allowed: Mapping[int, str]) -> str:
    return format_html('<a class="cite" href="{}" data-number="{}">{}</a>', allowed[number], number, number)


def _clean(html: str) -> str:
    import nh3

    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


@cache
def _parser():
    from markdown_it import MarkdownIt

    return (
        MarkdownIt("commonmark", {"html": False, "linkify": False})
        .enable(["table", "strikethrough"])
        .disable("image")
    )
