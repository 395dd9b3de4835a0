"""A guess of a text's language from its scripts: no model, some microseconds a call."""

from __future__ import annotations

import re

_SAMPLE = 4000  # characters looked at; more does not change the answer
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3041-\u30fa\u31f0-\u31ff\uff66-\uff9d]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_ACCENTED = re.compile(r"[\u00c0-\u024f]")
_WORD = re.compile(r"[a-z\u00e0-\u024f]+")
_SCRIPTS = {
    "ko": re.compile(r"[\uac00-\ud7a3\u1100-\u11ff]"),
    "ru": re.compile(r"[\u0400-\u052f]"),
    "ar": re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "th": re.compile(r"[\u0e01-\u0e5b]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
}
_ENGLISH = frozenset(
    "the of and to in is for that with on as by are be this it or from at not an which".split()
)
_FOREIGN = frozenset(
    "der die das und ist nicht ein eine mit von le la les des une est dans pour que el los las por con del"
    " il che di non sono per een het van och att som uma não em os".split()
)


def detect(text: str) -> str:
    """An ISO 639-1 code: zh, en, ja, ko, ru, ar, he, th, el, hi; "other" for other languages of
    the Latin script and for texts without letters."""
    sample = text[:_SAMPLE]
    if sample.isascii():
        return _latin(sample) if _LATIN.search(sample) else "other"
    weights = {code: float(len(pattern.findall(sample))) for code, pattern in _SCRIPTS.items()}
    han, kana = len(_HAN.findall(sample)), len(_KANA.findall(sample))
    # Kana beside Han makes Japanese, unless a Chinese text merely quotes a word of it.
    weights["ja" if kana * 8 > han + kana else "zh"] = float(han + kana)
    weights["latin"] = len(_LATIN.findall(sample)) / 6  # letters a word, so that words weigh like characters
    best = max(weights, key=lambda code: weights[code])
    if not weights[best]:
        return "other"
    return _latin(sample) if best == "latin" else best


def _latin(sample: str) -> str:
    words = _WORD.findall(sample.lower())
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    accented = len(_ACCENTED.findall(sample))
    if foreign > english or (accented * 50 > len(sample) and accented > english):
        return "other"
    return "en"
