"""What a Word paragraph's style says: heading level, list, contents entry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apps.rag.parsing.office.numbering import W

_HEADING = re.compile(r"^(?:heading|标题|標題|titre|überschrift)\s*([1-9])$", re.IGNORECASE)
_CONTENTS = re.compile(r"^(?:toc|目录|目錄)\s*\d|^(?:toc heading|目录标题)$", re.IGNORECASE)
_MAX_PARENTS = 20


@dataclass(frozen=True, slots=True)
class Style:
    """`level` 1–9 of a heading, 0 of the document's title, None of body text; `list` is
    (numId, level) of the numbering that the style brings."""

    level: int | None = None
    contents: bool = False
    list: tuple[str, int] | None = None
    code: bool = False


class Styles:
    def __init__(self, root: Any | None) -> None:
        self._nodes: dict[str, Any] = {}
        self._made: dict[str, Style] = {}
        for node in root.findall(W + "style") if root is not None else ():
            if node.get(W + "type") == "paragraph":
                self._nodes[node.get(W + "styleId")] = node

    def of(self, paragraph: Any) -> Style:
        """The style of a w:p, with what the paragraph itself sets on top."""
        properties = paragraph.find(W + "pPr")
        if properties is None:
            return Style()
        reference = properties.find(W + "pStyle")
        style = self._resolve(reference.get(W + "val")) if reference is not None else Style()
        own = _outline(properties)
        numbering = _list(properties, style.list)
        if own is None and numbering == style.list:
            return style
        return Style(own if own is not None else style.level, style.contents, numbering, style.code)

    def _resolve(self, style_id: str) -> Style:
        if style_id not in self._made:
            self._made[style_id] = self._make(style_id)
        return self._made[style_id]

    def _make(self, style_id: str) -> Style:
        level: int | None = None
        contents = code = False
        numbering: tuple[str, int] | None = None
        for node in self._chain(style_id):
            named = node.find(W + "name")
            name = (named.get(W + "val") or "").strip() if named is not None else ""
            match = _HEADING.match(name)
            properties = node.find(W + "pPr")
            if level is None:
                level = (
                    int(match[1])
                    if match
                    else 0
                    if name.lower() in ("title", "标题")
                    else _outline(properties)
                )
            contents = contents or bool(_CONTENTS.match(name))
            code = code or "code" in name.lower() or "preformatted" in name.lower()
            if numbering is None and properties is not None:
                numbering = _list(properties, None, default_level=(level or 1) - 1 if match else 0)
        return Style(level, contents, numbering, code)

    def _chain(self, style_id: str) -> list[Any]:
        chain: list[Any] = []
        node = self._nodes.get(style_id)
        while node is not None and len(chain) < _MAX_PARENTS:
            chain.append(node)
            base = node.find(W + "basedOn")
            node = self._nodes.get(base.get(W + "val")) if base is not None else None
        return chain


def _outline(properties: Any | None) -> int | None:
    node = properties.find(W + "outlineLvl") if properties is not None else None
    value = node.get(W + "val") if node is not None else None
    return int(value) + 1 if value is not None and value.isdigit() and int(value) < 9 else None


def _list(
    properties: Any, inherited: tuple[str, int] | None, *, default_level: int = 0
) -> tuple[str, int] | None:
    node = properties.find(W + "numPr")
    if node is None:
        return inherited
    number, level = node.find(W + "numId"), node.find(W + "ilvl")
    list_id = number.get(W + "val") if number is not None else inherited[0] if inherited else None
    if list_id is None or list_id == "0":
        return None
    fallback = inherited[1] if inherited else default_level
    return list_id, int(level.get(W + "val")) if level is not None else fallback
