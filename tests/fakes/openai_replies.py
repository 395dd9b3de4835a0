"""What the scripted models say: pure functions from a chat request to text and frames."""

from __future__ import annotations

import base64
import hashlib
import math
import random
import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import orjson

DEFAULT_TEXT = "根据资料，年休假为五天 [1]。The annual leave is five days [1]. 其余规定见第二条 [2]。"
_SOURCE = re.compile(r'<source n="(\d+)"[^>]*>\n(.*?)\n</source>', re.S)
_SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?\n]|\.(?=\s|$)|$)")
_ORDER = re.compile(r"(?:忽略|无视|ignore|disregard)[^\n。.:：]*[\n。.:：]\s*(.+)", re.I | re.S)


def tokens_of(text: str) -> list[str]:
    """Pieces as a tokenizer would cut them: a word with its space, or two Chinese characters."""
    return re.findall(r"\s*[A-Za-z0-9_]+|[\u4e00-\u9fff]{1,2}|\s+|.", text, re.S)


def last_user_message(request: dict[str, object]) -> str:
    messages = request.get("messages")
    if not isinstance(messages, list):
        return ""
    texts = [str(m.get("content", "")) for m in messages if isinstance(m, dict) and m.get("role") == "user"]
    return texts[-1] if texts else ""


def first_message(request: dict[str, object]) -> str:
    messages = request.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else {}
    return str(first.get("content", "")) if isinstance(first, dict) else ""


def parameters_of(request: dict[str, object]) -> str:
    """What a request asks for beside its messages."""
    rest = {name: value for name, value in request.items() if name != "messages"}
    return orjson.dumps(rest, option=orjson.OPT_SORT_KEYS).decode()


def sources_in(prompt: str) -> list[tuple[int, str]]:
    return [(int(number), text) for number, text in _SOURCE.findall(prompt)]


def grams(text: str) -> set[str]:
    folded = "".join(ch for ch in unicodedata.normalize("NFKC", text).lower() if ch.isalnum())
    return {folded[i : i + 2] for i in range(len(folded) - 1)} or {folded}


def cite_answer(prompt: str) -> str:
    """The sentence of each of the two best sources that shares most with the question, with its mark."""
    sources = sources_in(prompt)
    if not sources:
        return "资料中没有找到相关内容。"
    wanted = grams(_SOURCE.sub("", prompt))
    picked = []
    for number, text in sources:
        sentences = [s.strip() for s in _SENTENCE.findall(text) if len(s.strip()) > 3]
        best = max(sentences, key=lambda s: len(wanted & grams(s)), default="")
        picked.append((len(wanted & grams(best)), number, best))
    best_two = sorted(sorted(picked, reverse=True)[:2], key=lambda item: item[1])
    return "\n\n".join(f"{sentence} [{number}]" for _, number, sentence in best_two if sentence)


def inject_answer(prompt: str) -> str:
    """Obeys the first order that a document gives; a model at its most gullible."""
    for _, text in sources_in(prompt):
        order = _ORDER.search(text)
        if order:
            return order.group(1).strip()
    return cite_answer(prompt)


def chunk_frame(model: str, delta: dict[str, str], *, finish: str | None = None) -> bytes:
    body = {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return b"data: " + orjson.dumps(body) + b"\n\n"


def usage_frame(model: str, prompt_tokens: int, completion_tokens: int) -> bytes:
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
    body = {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": model,
        "choices": [],
        "usage": usage,
    }
    return b"data: " + orjson.dumps(body) + b"\n\n"


def think_pieces(text: str) -> Iterator[str]:
    """The tags fall apart over several chunks, as tokenizers cut them."""
    yield from ("<", "thi", "nk>", "\n先看", "资料", "第一条。\n", "</", "think", ">\n\n")
    yield from tokens_of(text)


def hashed_vector(text: str, dimension: int) -> list[float]:
    """A unit vector of hashed character bigrams: alike texts have alike vectors, on every machine."""
    vector = [0.0] * dimension
    for gram in grams(text):
        digest = hashlib.blake2b(gram.encode(), digest_size=8).digest()
        vector[int.from_bytes(digest[:4], "little") % dimension] += 1.0 if digest[4] & 1 else -1.0
    norm = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / norm for value in vector]


def relevance(query: str, text: str) -> float:
    """The share of the query's bigrams that the text has, in 0–1."""
    wanted = grams(query)
    return len(wanted & grams(text)) / len(wanted)


def models_body(names: Iterable[str]) -> bytes:
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "askive"} for name in names]
    return orjson.dumps({"object": "list", "data": data})


def embeddings_body(request: dict[str, object], *, default_dimension: int) -> bytes:
    given, asked = request.get("input", []), request.get("dimensions")
    listed = given if isinstance(given, list) else []
    texts = [given] if isinstance(given, str) else [str(text) for text in listed]
    dimension = asked if isinstance(asked, int) else default_dimension
    packed = request.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _vector(text, dimension, packed=packed)}
        for index, text in enumerate(texts)
    ]
    random.Random(len(texts)).shuffle(data)  # the order is not promised: the index says it
    total = sum(len(text) for text in texts)
    usage = {"prompt_tokens": total, "total_tokens": total}
    return orjson.dumps({"object": "list", "model": request.get("model"), "data": data, "usage": usage})


def _vector(text: str, dimension: int, *, packed: bool) -> list[float] | str:
    vector = hashed_vector(text, dimension)
    return base64.b64encode(struct.pack(f"<{dimension}f", *vector)).decode() if packed else vector


def rerank_body(request: dict[str, object]) -> bytes:
    documents, top = request.get("documents", []), request.get("top_n")
    listed = documents if isinstance(documents, list) else []
    texts = [str(each.get("text", "")) if isinstance(each, dict) else str(each) for each in listed]
    rows = [
        {"index": index, "relevance_score": relevance(str(request.get("query", "")), text)}
        for index, text in enumerate(texts)
    ]
    rows.sort(key=lambda row: -row["relevance_score"])
    kept = rows[:top] if isinstance(top, int) else rows
    return orjson.dumps({"model": request.get("model"), "results": kept})


def completion_body(
    model: str, pieces: Sequence[dict[str, str]], request: dict[str, object], *, finish: str
) -> bytes:
    """A whole answer, as one that was not asked to stream."""
    content = "".join(piece.get("content", "") for piece in pieces)
    reasoning = "".join(piece.get("reasoning_content", "") for piece in pieces)
    thoughts = {"reasoning_content": reasoning} if reasoning else {}
    message = {"role": "assistant", "content": content, **thoughts}
    body = {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": len(tokens_of(last_user_message(request))),
            "completion_tokens": len(pieces),
        },
    }
    return orjson.dumps(body)
