"""The one Markdown renderer: history, stream and export all pass here. Its output is safe HTML.

No raw HTML, no images, only http(s) and mailto links; a citation mark becomes a link only where the
caller allows its number, and never in code. In an answer no other link is made at all: a document could
have told the model to write it, so its address is shown for people to judge.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

TAGS = frozenset(
    "p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s table thead tbody tr th td a".split()
)
ATTRIBUTES = {"a": {"href", "title", "rel", "class", "data-number"}, "ol": {"start"}, "code": {"class"}}
SCHEMES = ("http", "https", "mailto")
ADDRESS = re.compile(r"(?:https?://|mailto:)", re.I)
MARK = re.compile(r"\[(\d{1,3})\]")


def render_markdown(text: str, *, citations: Mapping[int, str] | None = None) -> SafeString:
    """HTML of a Markdown text. `citations` is given for an answer, and maps each number that it may
    cite to the address that its mark opens."""
    return mark_safe(_clean(_parser().render(text, {"citations": citations})))  # noqa: S308 - cleaned by nh3


def parse_markdown(text: str, *, numbers: Collection[int] = ()) -> list[Token]:
    """The tokens of an answer, for exports; its marks [n] with these numbers are `citation` tokens."""
    return _parser().parse(text, {"citations": dict.fromkeys(numbers, "")})


def _clean(html: str) -> str:
    import nh3

    return nh3.clean(html, tags=set(TAGS), attributes=ATTRIBUTES, url_schemes=set(SCHEMES), link_rel=None)


@cache
def _parser():
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    # Without reference definitions: "[1]: title" is a line of an answer, not the address of its marks.
    parser.enable(["table", "strikethrough"]).disable(["image", "reference"])
    parser.validateLink = lambda url: bool(ADDRESS.match(url.strip()))  # type: ignore[method-assign]
    parser.inline.ruler.before("link", "citation", _read_mark)
    for name, rule in (("citation", _mark), ("link_open", _link_open), ("link_close", _link_close)):
        parser.add_render_rule(name, rule)
    return parser


def _read_mark(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    """[n] where it may be cited, before the parser can read it as a link's label."""
    found = MARK.match(state.src, state.pos, state.posMax)
    if found is None or int(found[1]) not in (state.env["citations"] or {}):
        return False
    if not silent:
        state.push("citation", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _mark(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    number = int(tokens[index].content)
    href = env["citations"][number]
    return format_html('<a class="cite" href="{}" data-number="{}">{}</a>', href, number, number)


def _link_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    if env["citations"] is not None:
        return ""
    tokens[index].attrSet("rel", "noopener noreferrer nofollow")
    return str(renderer.renderToken(tokens, index, options, env))


def _link_close(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    if env["citations"] is None:
        return "</a>"
    opening = next(place for place in range(index, -1, -1) if tokens[place].type == "link_open")
    href = str(tokens[opening].attrs["href"])
    shown = "".join(token.content for token in tokens[opening + 1 : index])
    return "" if shown == href else f" ({escape(href)})"
