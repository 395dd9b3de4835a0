"""Lexical vectors: CJK characters and bigrams, stemmed Latin words, numbers and codes kept whole.

Term ids are CRC-32 of the UTF-8 term, so any process computes the same ones. Document weights are
the term-frequency part of BM25; the store multiplies by IDF (Modifier.IDF); query weights are counts.
The constants were chosen by benchmarks/eval_sets.py on Chinese and English question sets.
"""

from __future__ import annotations

import re
import threading
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import add

from apps.rag.rerankers.exact import references
from apps.rag.types import SparseVector

CJK = "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U000323af"
# Left as they are: never part of a term, and translating them to ASCII would cost and confuse.
_KEPT_PUNCTUATION = frozenset("，。；：！？（）【】《》、“”‘’「」『』〔〕")
_RUNS = re.compile(rf"([{CJK}]+)|([^\W_{CJK}]+(?:[.:/'’\-][^\W_{CJK}]+)*)")
_JOINTS = re.compile(r"[.:/\-]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_HAS_DIGIT = re.compile(r"\d")
_MAX_TERM = 64
_WORD_LENGTH = 3  # what a Latin word counts for, in CJK characters, so that both scripts share one average
# Words that ask and do not describe: dropped from questions (recall@1 +.008 to +.011 in both languages),
# kept in documents, so that a question made of nothing else still finds them.
_ENGLISH_STOPWORDS = frozenset(
    "a an and are as at be but by do did does for from had has have how i if in into is it its of on or "
    "that the their them there these they this to was we were what when where which who whom why will "
    "with would you your".split()
)
_QUESTION_WORDS = re.compile(
    "请问|请教|什么|怎么样|怎么|怎样|如何|哪些|哪个|哪一|哪里|哪儿|哪|是否|能否|可否|吗|呢|多少|为何|为什么|"
    "有没有|是不是|会不会|能不能|该不该|谁|几"
)


@lru_cache(maxsize=1)
def _folding() -> dict[int, str]:
    """Every character that folding changes: width and compatibility forms, case, traditional.

    Built once, about 60 ms: NFKC over the whole text costs three times a table look-up."""
    from zhconv import zhconv  # 15 ms and a table of 9,000 pairs: only when something is encoded

    zhconv.loaddict()
    pairs = zhconv.zhcdicts["zh2Hans"]
    table: dict[int, str] = {}
    for code in (*range(0x41, 0xD800), *range(0xF900, 0x10000), *range(0x2F800, 0x2FA20)):
        char = chr(code)
        if char in _KEPT_PUNCTUATION:
            continue
        folded = unicodedata.normalize("NFKC", char).lower()
        folded = "".join(pairs.get(c, c) for c in folded)
        if folded != char:
            table[code] = folded
    return table


def fold(text: str) -> str:
    """Lower case, half width, compatibility forms resolved, traditional characters simplified."""
    if text.isascii():
        return text.lower()
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.translate(_folding())


class _Stemmer(threading.local):
    """One a thread: a stemmer keeps the word it works on in itself, and two threads at one give each other's."""

    def __init__(self) -> None:
        import snowballstemmer  # 170 ms: it imports every language

        self.stem: Callable[[str], str] = snowballstemmer.stemmer("english").stemWord


@lru_cache(maxsize=1)
def _stemmer() -> _Stemmer:
    return _Stemmer()


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The English stem of a folded word; words with digits or outside ASCII stay whole."""
    if not word.isascii() or _HAS_DIGIT.search(word):
        return word[:_MAX_TERM]
    return _stemmer().stem(word)[:_MAX_TERM]


@lru_cache(maxsize=400_000)
def term_id(term: str) -> int:
    """A stable unsigned 32-bit id."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=100_000)
def _word_terms(word: str) -> tuple[str, ...]:
    """The stem of a plain word; of a joined one (gb/t-7714, 3.14, e-mail) the parts, and the whole
    where it holds a digit."""
    word = word.replace("’", "'")
    if not _JOINTS.search(word):
        return (stem(word),)
    parts = tuple(stem(part) for part in _JOINTS.split(word))
    return (*parts, word[:_MAX_TERM]) if _HAS_DIGIT.search(word) else parts


def terms(folded: str) -> list[str]:
    """Terms of a folded text, repeated as often as they occur."""
    text = _THOUSANDS.sub("", folded)
    found: list[str] = []
    for cjk, word in _RUNS.findall(text):
        if cjk:
            found.extend(cjk)
            found.extend(map(add, cjk, cjk[1:]))
        else:
            found.extend(_word_terms(word))
    found.extend(references(text))
    return found


@lru_cache(maxsize=1)
def _asking_stems() -> frozenset[str]:
    return frozenset(map(stem, _ENGLISH_STOPWORDS))


def query_terms(folded: str) -> list[str]:
    """Terms of a question without the words that only ask; all of its terms if nothing else is left."""
    described = _QUESTION_WORDS.sub(" ", folded)
    asking = _asking_stems()
    kept = [term for term in terms(described) if term not in asking]
    return kept or terms(folded)


class BigramEncoder:
    """SparseEncoder over `terms`.

    `average_length`, in CJK characters (a Latin word counts 3), is a constant and not the corpus's own
    average: vectors must not change when other documents come and go. Hundreds of characters are
    typical of chunks with their title and headings."""

    def __init__(self, *, k1: float = 1.0, b: float = 0.75, average_length: float = 300.0) -> None:
        if not (k1 > 0 and 0 <= b <= 1 and average_length > 0):
            raise ValueError("BM25 needs k1 > 0, 0 <= b <= 1 and a positive average length.")
        self.k1 = k1
        self.b = b
        self.average_length = average_length

    def encode_documents(self, texts: Sequence[str]) -> list[SparseVector]:
        """One vector a text, in order; a text without a term gives an empty vector."""
        return [self._document(text) for text in texts]

    def encode_query(self, text: str) -> SparseVector:
        """Counts of the query's terms; empty for punctuation alone."""
        ordered = sorted(Counter(map(term_id, query_terms(fold(text)))).items())
        return SparseVector(tuple(term for term, _ in ordered), tuple(float(n) for _, n in ordered))

    def encode_terms(self, terms: Sequence[str]) -> SparseVector:
        """Terms as the index knows them, each once: references ("第12条", "月:2024-3"), years, stems, bigrams."""
        ids = sorted({term_id(term) for term in terms})
        return SparseVector(tuple(ids), (1.0,) * len(ids))

    def _document(self, text: str) -> SparseVector:
        folded = fold(text)
        ordered = sorted(Counter(map(term_id, terms(folded))).items())
        norm = self.k1 * (1 - self.b + self.b * _length(folded) / self.average_length)
        gain = self.k1 + 1
        return SparseVector(
            tuple(term for term, _ in ordered),
            tuple(n * gain / (n + norm) for _, n in ordered),
        )


def _length(folded: str) -> int:
    return sum(len(cjk) or _WORD_LENGTH for cjk, _ in _RUNS.findall(folded))
