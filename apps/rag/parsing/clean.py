"""The text hygiene that every parser shares."""

from __future__ import annotations

import re
import unicodedata

# Zero-width and directional marks, soft hyphens, byte order marks, controls, noncharacters.
_INVISIBLE = re.compile(
    r"[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufeff\ufffe\uffff\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
# Radicals and compatibility forms that some PDF producers write instead of the character itself.
_COMPATIBILITY = re.compile(r"[\u2e80-\u2fdf\uf900-\ufaff\ufb00-\ufb06]")
_BREAKS = re.compile(r"\r\n|[\r\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_CJK = r"\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_CJK_CHAR = re.compile(f"[{_CJK}]")


def clean(text: str) -> str:
    """Remove characters that cannot be seen, unify line breaks and compatibility ideographs.
    Spaces, full-width forms and everything visible stay as they are."""
    if text.isascii() and text.isprintable():
        return text
    text = _INVISIBLE.sub("", _BREAKS.sub("\n", text))
    text = (
        "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
        if _has_surrogate(text)
        else text
    )
    return _COMPATIBILITY.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def one_line(text: str) -> str:
    """Clean and squeeze to one line."""
    return _SPACES.sub(" ", join_lines(clean(text).split("\n"))).strip()


def squeeze(text: str) -> str:
    """Clean; runs of spaces become one; blank ends of lines go; at most one empty line stays."""
    lines = [_SPACES.sub(" ", line).strip() for line in clean(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def is_cjk(char: str) -> bool:
    return bool(_CJK_CHAR.match(char))


def join_lines(lines: list[str]) -> str:
    """Undo line breaks inside a paragraph: no space between ideographs, hyphenated words mended."""
    joined = ""
    for line in lines:
        line = line.strip()
        if not line:
            continue
        joined = joined + _glue(joined, line) + line if not _hyphenated(joined, line) else joined[:-1] + line
    return joined


def _glue(left: str, right: str) -> str:
    if not left or (is_cjk(left[-1]) and is_cjk(right[0])):
        return ""
    return " "


def _hyphenated(left: str, right: str) -> bool:
    return (
        len(left) > 2
        and left[-1] in "-\u2010"
        and left[-2].isalpha()
        and left[-2].isascii()
        and right[0].islower()
    )


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
