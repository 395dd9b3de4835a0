"""Bytes to text without silent mojibake.

Valid bytes are not proof: the GBK bytes of 通知 are valid UTF-8, and nearly every byte string is
valid GB18030. So each candidate is judged by what the decoded text looks like: level-1 ideographs
(the 3,755 of GB 2312, the 5,401 of Big5) for Chinese, whole words of one script for the rest.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from apps.rag.errors import ParseError

_SAMPLE = 65_536  # bytes judged
_CONFIDENT = 0.85
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What senders declare and what they mean: the superset that Windows writes under that name.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "cp936": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "iso-8859-8-i": "cp1255",
    "iso-8859-8-e": "cp1255",
    "iso8859-8": "cp1255",
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Tried in this order of likelihood where it is neither UTF-8 nor Chinese.
_OTHERS = [
    "cp1252",
    "cp932",
    "euc_jp",
    "cp949",
    "cp1251",
    "koi8_r",
    "cp1255",
    "cp1256",
    "cp1250",
    "cp1253",
    "cp1254",
]
# Hardly a Chinese sentence lacks all of these; a Korean or Japanese file read as Chinese does.
COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相"
    "全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料"
    "象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任"
    "取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带"
    "安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织"
    "装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选"
    "標準號這個們來時會國說對發後過還進開關學與業為於長東車書見電話門問間個從當體點現實應無產動機種經結統計論設讓總報變區"
)
_PUNCTUATION = frozenset(
    "，。、；：？！“”‘’（）《》〈〉【】〔〕「」『』—…·～％￥　①②③④⑤⑥⑦⑧⑨⑩–•©®°±×÷€£¥§«»™→"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """`encoding` is Python's name; `confident` is False where a reader should look at the text."""

    text: str
    encoding: str
    confident: bool


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """Decode a text file. `declared` (a mail's charset, a page's meta tag) is tried first.
    Raises ParseError(code="encoding") for what is not text."""
    if not data:
        return Decoded("", "utf-8", True)
    marked = _by_mark(data)
    if marked is not None:
        return marked
    wide = _wide(data)
    if wide is not None:
        return wide
    if data.count(0, 0, _SAMPLE) > len(data[:_SAMPLE]) // 100 + 1:
        raise ParseError("binary data where text was expected", code="encoding")
    if data.isascii() and b"\x1b$" not in data and b"~{" not in data:
        return Decoded(data.decode("ascii"), "utf-8", True)
    return _declared(data, declared) or _guess(data)


def _by_mark(data: bytes) -> Decoded | None:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            text = _strict(data, encoding)
            if text is not None:
                return Decoded(text, encoding, True)
            return Decoded(data.decode(encoding, errors="replace"), encoding, False)
    return None


def _wide(data: bytes) -> Decoded | None:
    """UTF-16 without a mark: line breaks and ASCII leave zero bytes on one side only."""
    head = data[: _SAMPLE & ~1]
    if len(data) % 2 or len(head) < 4:
        return None
    sides = (head[0::2].count(0), head[1::2].count(0))
    if max(sides) * 50 < len(head) // 2 or min(sides) * 4 > max(sides):
        return None
    encoding = "utf-16-be" if sides[0] > sides[1] else "utf-16-le"
    text = _strict(data, encoding)
    if text is None or _plausible(text[:_SAMPLE]) < 0.7:
        return None
    return Decoded(text, encoding, True)


def _declared(data: bytes, declared: str | None) -> Decoded | None:
    if not declared:
        return None
    try:
        name = codecs.lookup(_SUPERSETS.get(declared.strip().lower(), declared.strip())).name
    except LookupError:
        return None
    encoding = _SUPERSETS.get(name, name)
    text = _strict(data, encoding)
    if text is None or _score(text[:_SAMPLE], encoding) < 0.6:
        return None
    return Decoded(text, encoding, True)


def _guess(data: bytes) -> Decoded:
    scored: list[tuple[float, str, str]] = []
    for encoding in ("utf-8", "gb18030", "cp950"):
        text = _strict(data, encoding)
        if text is not None:
            scored.append((_score(text[:_SAMPLE], encoding), encoding, text))
    utf8 = next((entry for entry in scored if entry[1] == "utf-8"), None)
    if utf8 is not None and _accident(utf8[2], [entry for entry in scored if entry[1] == "gb18030"]):
        utf8 = None
    # Well-formed UTF-8 of some length does not happen by accident; a few characters do.
    if utf8 is not None and (utf8[0] >= 0.7 or _multibyte(data) >= 40):
        return Decoded(utf8[2], "utf-8", utf8[0] >= 0.5)
    chinese = max((entry for entry in scored if entry[1] != "utf-8"), default=None)
    if chinese is not None and chinese[0] >= _CONFIDENT:
        other = None if _is_chinese(chinese[2]) else _other(data, fallback=chinese)
        return other or Decoded(chinese[2], chinese[1], True)
    return _other(data, fallback=utf8 or chinese)


def _accident(text: str, chinese: list[tuple[float, str, str]]) -> bool:
    """A few lone letters of Greek or Cyrillic whose bytes are everyday ideographs in GBK."""
    foreign = [char for char in text if char >= "\x80"]
    if not chinese or len(foreign) > 3 or any(_script(char) in ("LATIN", "CJK", "SIGN") for char in foreign):
        return False
    return all(char in COMMON for char in chinese[0][2] if char >= "\x80")


def _other(data: bytes, *, fallback: tuple[float, str, str] | None) -> Decoded:
    """Leave the rest (Windows code pages, Japanese, Korean) to charset-normalizer."""
    from charset_normalizer import from_bytes

    western = _strict(data, "cp1252")
    if western is not None and _accents(western) < 0.3 and _plausible(western[:_SAMPLE]) == 1.0:
        return Decoded(western, "cp1252", False)
    best = from_bytes(data[:_SAMPLE], cp_isolation=_OTHERS).best()
    text = _strict(data, best.encoding) if best is not None else None
    if best is not None and text is not None:
        score = _score(text[:_SAMPLE], best.encoding)
        if fallback is None or score >= fallback[0]:
            return Decoded(text, best.encoding, score >= _CONFIDENT and len(text) >= 64)
    if fallback is not None and fallback[0] >= 0.5:
        return Decoded(fallback[2], fallback[1], False)
    broken = _mostly(data)
    if broken is not None:
        return broken
    return Decoded(data.decode("cp1252", errors="replace"), "cp1252", False)


def _accents(text: str) -> float:
    """Share of non-ASCII letters: low in the languages of Western Europe."""
    letters = [char for char in text[:_SAMPLE] if char.isalpha()]
    return sum(char >= "\x80" for char in letters) / max(1, len(letters))


def _is_chinese(text: str) -> bool:
    ideographs = [char for char in text[:_SAMPLE] if "\u4e00" <= char <= "\u9fff"]
    return sum(char in COMMON for char in ideographs) * 10 >= len(ideographs)


def _mostly(data: bytes) -> Decoded | None:
    """A file in one of the usual encodings with some damaged bytes."""
    for encoding in ("utf-8", "gb18030"):
        text = data.decode(encoding, errors="replace")
        if (
            text.count("\ufffd") * 50 < len(text)
            and _score(text[:_SAMPLE].replace("\ufffd", ""), encoding) > 0.8
        ):
            return Decoded(text, encoding, False)
    return None


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _multibyte(data: bytes) -> int:
    return sum(byte >= 0xC2 for byte in data[:_SAMPLE])


def _score(text: str, encoding: str) -> float:
    """How much of the non-ASCII text looks like writing in that encoding, 0–1."""
    if encoding in ("gb18030", "gbk", "gb2312"):
        return _share(text, _level_one_gb)
    if encoding in ("cp950", "big5"):
        return _share(text, _level_one_big5)
    return _plausible(text)


def _share(text: str, good: Callable[[str], bool]) -> float:
    foreign = [char for char in text if char >= "\x80"]
    if not foreign:
        return 1.0
    return sum(good(char) or char in _PUNCTUATION for char in foreign) / len(foreign)


@lru_cache(maxsize=8192)
def _level_one_gb(char: str) -> bool:
    try:
        code = char.encode("gb2312")
    except UnicodeEncodeError:
        return "\uff01" <= char <= "\uff5e"
    return len(code) == 2 and (0xB0 <= code[0] <= 0xD7 or code[0] <= 0xA3)


@lru_cache(maxsize=8192)
def _level_one_big5(char: str) -> bool:
    try:
        code = char.encode("big5")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and 0xA1 <= code[0] <= 0xC6


_RUN = re.compile(r"[^\W\d_]+[\u0300-\u036f\u0590-\u05c7\u064b-\u0655]*[^\W\d_]*|[^\x00-\x7f]")


def _plausible(text: str) -> float:
    """Share of the non-ASCII characters that stand in words of a single script."""
    good = total = 0
    for match in _RUN.finditer(text):
        foreign = [char for char in match[0] if char >= "\x80"]
        total += len(foreign)
        good += len(foreign) if len(set(_scripts(match[0]))) <= 1 else 0
    return good / total if total else 1.0


def _scripts(word: str) -> Iterator[str]:
    for char in word:
        if char in _PUNCTUATION:
            continue
        script = _script(char)
        if script != "MARK":
            yield script
        elif len(word) == 1 or word[0] == char:
            yield from ("MARK", "ALONE")  # a combining mark on nothing


@lru_cache(maxsize=8192)
def _script(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cn", "Co", "Cc", "Cs"):
        return f"BAD{ord(char)}" if char >= "\x80" else "BAD"
    if category.startswith("M"):
        return "MARK"
    if not category.startswith("L"):
        return "SIGN"
    name = unicodedata.name(char, "?").split(" ")[0]
    return (
        "CJK"
        if name in ("CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "HANGUL", "BOPOMOFO", "KATAKANA-HIRAGANA")
        else name
    )
