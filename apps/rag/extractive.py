"""Answers without a model: the sentences of the passages that answer best, quoted and cited.

A sentence is scored by the share of the question's terms that it holds, rarer terms counting more;
terms in its title, headings, lead-in or neighbours count less. What a part of the question asks for (a number, a
date, a person) prefers sentences that hold one, an amount in it those whose range contains it, and
the order of retrieval decides between the rest. Each part of a question gets its own quotation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.rag.extractive_scores import Scored, ranked_units, title_holds, unit_holds
from apps.rag.languages import detect
from apps.rag.passages import Unit
from apps.rag.prompts import NOT_FOUND, plain_numbers
from apps.rag.questions import Ask, Question, read_question, words_of
from apps.rag.sentences import containment
from apps.rag.types import Chunk, ScoredChunk, Source

MAX_SOURCES = 8
MAX_LIST_ITEMS = 12
# The score from which the best sentence counts as an answer, and how much less a word more of the question
# needs: a long and colloquial one partly tells a story. By benchmarks/extracts.py: with the answering passage
# taken away at least four of five questions must stay unanswered. Words are found more easily than bigrams.
ENOUGH = {"zh": (0.585, 0.017), "en": (0.84, 0.03)}
LONG = 10.0  # words; a Chinese character counts half
NEAREST = 0.1  # of the question in the best passage: below it, not even "what comes nearest" is shown,
STANDS_OUT = (
    0.5  # unless every other passage scores less than this share of the best: found by meaning, not by words
)
NEAR_BEST = 0.75  # of the best score: what else is worth quoting
BESIDE_FOUND, BESIDE_NEAREST = 0.65, 0.35  # the same in the passage of the best
NEXT = 1.2  # a sentence that follows the best often completes it
SAME_PASSAGE = 1.25  # for the order in which the nearest is quoted
AS_MUCH = 0.95  # of the best row's coverage: another row of its table
VAGUE = 1.5  # words
AS_GOOD = 0.8  # of the best for a part of the question
NEAR_ASK = 0.5  # of the best score: what is worth quoting for another part of the question
SAME = 0.75  # shared terms: it was said already

CLOSEST = {
    "zh": "资料中没有找到直接的回答，最接近的内容是：",
    "en": "No direct answer was found in the documents. What comes closest:",
}


@dataclass(frozen=True, slots=True)
class Extract:
    """`text` is Markdown with canonical [n] marks; `numbers` are the cited sources in order. With
    `found` False the text says so in one plain sentence, followed, where something comes near, by
    what comes closest, cited; else `numbers` is empty."""

    text: str
    numbers: tuple[int, ...]
    found: bool


def warm() -> None:
    """Build the tables (folding, stemming) that the first answer of a process would otherwise wait for; about a
    second on a busy machine. Needs no store and no model; may be called from any thread, and again."""
    document, text = (
        UUID(int=0),
        "预热需要三天。 Warming takes three days.\n\n| 项目 | 天数 |\n| --- | --- |\n| 預熱 | 3天 |",
    )
    source = Source(1, ScoredChunk(Chunk(document, document, 1, 0, "预热 Warming", text), 1.0))
    for query in ("预热需要几天？", "How many days does warming take?"):
        extract_answer(query, [source])


def extract_answer(query: str, sources: Sequence[Source], *, max_sentences: int = 4) -> Extract:
    """The best sentences of the first MAX_SOURCES sources, each quoted verbatim and followed by its [n], in
    reading order. Raises ValueError if `max_sentences` is not positive."""
    if max_sentences < 1:
        raise ValueError("max_sentences must be positive")
    language = "zh" if detect(query) == "zh" else "en"
    question = read_question(query)
    ranked = ranked_units(question, sources[:MAX_SOURCES])
    if not ranked or not question.slots or not (_near(ranked) or _stands_out(sources)):
        return Extract(NOT_FOUND[language], (), False)
    found = ranked[0].sure >= _enough(question, language=language)
    chosen = _choose(ranked, question.asks, limit=max_sentences, found=found)
    lead = "" if found else CLOSEST[language]
    return Extract(
        _written(chosen, question, lead=lead), tuple(dict.fromkeys(unit.number for unit in chosen)), found
    )


def _near(ranked: Sequence[Scored]) -> bool:
    return max(item.coverage for item in ranked[:3]) >= NEAREST


def _stands_out(sources: Sequence[Source]) -> bool:
    """Whether the search put one passage far above the others."""
    best, *others = sorted((source.passage.score for source in sources), reverse=True)
    return bool(others) and others[0] < STANDS_OUT * best


def _enough(question: Question, *, language: str) -> float:
    """The score from which on a question of this length counts as answered."""
    start, each = ENOUGH[language]
    return start - each * min(LONG, question.words)


def _choose(ranked: Sequence[Scored], asks: Sequence[Ask], *, limit: int, found: bool) -> list[Unit]:
    """The best for each part of the question, then what comes near it and says something else: more of its
    own passage, and most where no sentence answers plainly."""
    best = ranked[0]
    chosen = [best]
    for ask in range(len(asks)):
        item = _for_ask(ranked, chosen, asks[ask], ask=ask)
        if item is not None and len(chosen) < limit:
            chosen.append(item)
    beside = BESIDE_FOUND if found else BESIDE_NEAREST
    for item in sorted(ranked[1:60], key=lambda item: -_after(item, best, found=found)):
        if len(chosen) == limit:
            break
        same = item.unit.number == best.unit.number
        if same and item.unit.kind == best.unit.kind == "row" and item.own < AS_MUCH * best.own:
            continue  # the other rows of a table share the header's words, not the case
        near = _after(item, best, found=True) >= (beside if same else NEAR_BEST) * best.score
        if near and (same or item.own >= NEAR_BEST * best.own) and _is_new(item, chosen):
            chosen.append(item)
    return sorted((item.unit for item in chosen), key=lambda unit: (unit.number, unit.order))


def _for_ask(ranked: Sequence[Scored], chosen: Sequence[Scored], asked: Ask, *, ask: int) -> Scored | None:
    """What is to be quoted for one part of the question, beside what is chosen; for a part with few words
    of its own (一共多少钱) it stands where the rest does."""
    best = chosen[0]
    vague = words_of(asked.slots) < VAGUE
    if vague and any(unit_holds(kind, item.unit) for kind in asked.kinds for item in chosen):
        return None
    candidates = [item for item in ranked if not vague or item.unit.number == best.unit.number]
    top = max(item.asks[ask] for item in candidates)
    for item in sorted(candidates, key=lambda item: -item.asks[ask])[:3]:
        if item.asks[ask] < max(NEAR_ASK * best.score, AS_GOOD * top):
            return None
        if item not in chosen and _is_new(item, chosen):
            return item
        if len(best.asks) == 1:
            return None
    return None


def _after(item: Scored, best: Scored, *, found: bool) -> float:
    """Its score; more where it goes on from the best sentence, or, without an answer, stands in its passage."""
    same = item.unit.number == best.unit.number
    follows = (
        same
        and item.unit.order - best.unit.order in (1, 2)
        and item.unit.kind == best.unit.kind == "sentence"
    )
    return item.score * (NEXT if follows else 1.0) * (SAME_PASSAGE if same and not found else 1.0)


def _is_new(item: Scored, chosen: Sequence[Scored]) -> bool:
    said = max(containment(item.unit.grams, other.unit.grams) for other in chosen)
    return said < SAME and not any(item.unit.text in other.unit.items for other in chosen)


def _written(units: Sequence[Unit], question: Question, *, lead: str) -> str:
    kinds = {kind for ask in question.asks for kind in ask.kinds}
    blocks = [
        _block(unit, titled=any(title_holds(kind, unit) and not unit_holds(kind, unit) for kind in kinds))
        for unit in units
    ]
    if len(blocks) == 1 and not lead:
        return blocks[0]
    listed = "\n".join(f"- {block}" for block in blocks)
    return f"{lead}\n\n{listed}" if lead else listed


def _block(unit: Unit, *, titled: bool) -> str:
    """The quotation with its mark, after its heading where that answers, and the list that it leads in."""
    lines = [plain_numbers(f"{unit.title} › {unit.text}" if titled else unit.text)] + [
        f"  - {plain_numbers(item)}" for item in unit.items[:MAX_LIST_ITEMS]
    ]
    lines[-1] += f" [{unit.number}]"
    if len(lines) == 1:
        return lines[0]
    lines[0] += f" [{unit.number}]"
    return "\n".join(lines)
