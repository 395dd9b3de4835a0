"""Questions that do not stand alone: what they lack, and what is searched for in their place.

Rules decide whether a question needs the conversation; a model, where there is one, puts it in other words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from apps.rag.interfaces import Message
from apps.rag.languages import detect
from apps.rag.phrases import UNDERSTAND
from apps.rag.prompts import disarm
from apps.rag.questions import read_question

FEW_WORDS = 1.6  # a Chinese character counts half
MOST_QUERIES, LONGEST_QUERY = 3, 400
LAST_TURNS, LONGEST_TURN = 4, 600  # of the conversation that the model is shown
_BACK = re.compile(
    r"^(?:那|那么|这|它|其|该|还有|以及|如果是|换成|and\b|or\b|but\b|what about|how about|then\b|also\b)|呢[?？。!！\s]*$"
    r"|它|他们|她们|他的|她的|上述|上面(?:说|提|的)|前面|刚才|前者|后者|这[个些种条样类份项]|那[个些种条样类份项]|同样的|其中"
    r"|\b(?:it|its|they|them|their|those|these|he|she|him|his|her|former|latter|same|above)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Understood:
    """`queries` stand in for the question; `translation` is the question in the other language, or empty."""

    queries: tuple[str, ...] = ()
    translation: str = ""


def needs_conversation(question: str) -> bool:
    """Whether a follow-up says too little by itself, or points to what was said before."""
    return bool(_BACK.search(question.strip())) or read_question(question).words < FEW_WORDS


def has_parts(question: str) -> bool:
    """Whether it asks for several things."""
    return len(read_question(question).asks) > 1


def with_previous(question: str, history: Sequence[Message]) -> str:
    """The question together with the one before it; as it is where there is none."""
    earlier = [turn["content"] for turn in history if turn["role"] == "user" and turn["content"].strip()]
    return f"{' '.join(earlier[-1].split())[:LONGEST_QUERY]} {question}" if earlier else question


def understanding_prompt(question: str, history: Sequence[Message]) -> list[Message]:
    """What a model is asked so that it answers with what `read_understood` reads."""
    said = "\n".join(
        f"{turn['role']}: {disarm(' '.join(turn['content'].split())[:LONGEST_TURN])}"
        for turn in history[-LAST_TURNS:]
    )
    shown = (
        f"<conversation>\n{said}\n</conversation>\n\nLast question: {disarm(question[: 2 * LONGEST_TURN])}"
    )
    return [{"role": "system", "content": UNDERSTAND}, {"role": "user", "content": shown}]


def read_understood(text: str, *, question: str) -> Understood:
    """The JSON object in a model's answer; nothing of what is not as it was asked for. Never raises."""
    start, end = text.find("{"), text.rfind("}")
    try:
        body = orjson.loads(text[start : end + 1]) if 0 <= start < end else {}
    except orjson.JSONDecodeError:
        body = {}
    listed = body.get("queries") if isinstance(body, dict) else None
    queries = [_clean(one) for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    translation = body.get("translation", "") if isinstance(body, dict) else ""
    translated = _clean(translation) if isinstance(translation, str) else ""
    return Understood(
        tuple(dict.fromkeys(query for query in queries if query))[:MOST_QUERIES],
        translated if translated and _other(translated, question) else "",
    )


def _other(translated: str, question: str) -> bool:
    return (detect(translated) == "zh") != (detect(question) == "zh")


def _clean(text: str) -> str:
    return " ".join(text.split())[:LONGEST_QUERY]
