"""Answers without a model: the sentences of the passages that answer best, quoted and cited.

A sentence is scored by the share of the question's terms that it holds, rarer terms counting more;
terms in its title, headings, lead-in or neighbours count less. What a part of the question asks for (a number, a
date, a person) prefers sentences that hold one, an amount in it those whose range contains it, and
the order of retrieval decides between the rest. Each part of a question gets its own quotation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.rag.figures import figures
from apps.rag.languages import detect
from apps.rag.passages import Unit, units_of
from apps.rag.prompts import NOT_FOUND, plain_numbers
from apps.rag.quantities import quantities
from apps.rag.questions import (
    Ask,
    Kind,
    Question,
    Weighted,
    coverage,
    holds,
    read_question,
    weighted,
    words_of,
)
from apps.rag.sentences import containment
from apps.rag.types import Chunk, ScoredChunk, Source

MAX_SOURCES = 8
MAX_LIST_ITEMS = 12
# The score from which the best sentence counts as an answer, and how much less a word more of the question
# needs: a long and colloquial one partly tells a story. By benchmarks/extracts.py: with the answering passage
# taken away at least four of five questions must stay unanswered. Words are found more easily than bigrams.
ENOUGH = {"zh": (0.585, 0.017), "en": (0.84, 0.03)}
LONG = 10.0  # words; a Chinese character counts half
NEAREST = 0.1  # of the question in the best passage: below it, not even "what comes nearest" is shown
NEAR_BEST = 0.75  # of the best score: what else is worth quoting
BESIDE_FOUND, BESIDE_NEAREST = 0.65, 0.35  # the same in the passage of the best
NEXT = 1.2  # a sentence that follows the best often completes it
SAME_PASSAGE = 1.25  # for the order in which the nearest is quoted
AS_MUCH = 0.95  # of the best row's coverage: another row of its table
VAGUE = 1.5  # words
AS_GOOD = 0.8  # of the best for a part of the question
NEAR_ASK = 0.5  # of the best score: what is worth quoting for another part of the question
CLAUSE = 3.0  # words: a shorter part of the question says too little of its own
SAME = 0.75  # shared terms: it was said already

# What a term of the question is worth where it is found.
IN_ASKED, IN_HEADING, IN_SKIPPED, IN_CONTEXT, IN_NEAR, IN_PASSAGE = 0.95, 0.8, 0.7, 0.65, 0.4, 0.25
RIGHT_KIND, WRONG_KIND = 1.3, 0.95
FITS, MISFITS = 1.4, 0.7  # the case's amount lies in the range of a sentence, or in none of its ranges
SAME_DATE, OTHER_DATE = 1.2, 0.9
PRIOR = 0.75  # how far the score of the retrieval decides
PULL = 0.12  # what the best passage's sentences have for nothing; decides where little is covered
BLEND = 0.5  # of coverage by characters, against that by bigrams
ABSENT = 1.0  # weight of a term that no sentence holds, against that of the rarest
OF_CLAUSE = 0.5  # of the score for a part of the question: its own words, against all of them

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


@dataclass(frozen=True, slots=True)
class _Scored:
    """`score` ranks; `sure`, without the pull of the retrieval, says whether it answers; `coverage` counts the neighbourhood too, `own` only the unit and its headings; `asks` is the score
    for each part of the question."""

    unit: Unit
    score: float
    sure: float
    coverage: float
    own: float
    asks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The question's slots and those of each ask with their weights; the terms' weights and their sum."""

    whole: Weighted
    asks: list[Weighted]
    weights: Mapping[str, float]
    weight: float


def warm() -> None:
    """Build the tables (folding, stemming) that the first answer of a process would otherwise wait for; about a
    second on a busy machine. Needs no store and no model; may be called from any thread, and again."""
    document, text = UUID(int=0), "预热需要三天。 Warming takes three days.\n\n| 项目 | 天数 |\n| --- | --- |\n| 預熱 | 3天 |"
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
    ranked = _ranked(question, sources[:MAX_SOURCES])
    if not ranked or not question.slots or max(item.coverage for item in ranked[:3]) < NEAREST:
        return Extract(NOT_FOUND[language], (), False)
    found = ranked[0].sure >= _enough(question, language=language)
    chosen = _choose(ranked, question.asks, limit=max_sentences, found=found)
    lead = "" if found else CLOSEST[language]
    return Extract(_written(chosen, question, lead=lead), tuple(dict.fromkeys(unit.number for unit in chosen)), found)


def _ranked(question: Question, sources: Sequence[Source]) -> list[_Scored]:
    units = [unit for rank, source in enumerate(sources) for unit in units_of(source, rank=rank, heads=question.heads)]
    top = max((source.passage.score for source in sources), default=0.0)
    priors = [max(0.0, source.passage.score) / top if top > 0 else 1.0 / (1 + rank) for rank, source in enumerate(sources)]
    worths = [{term: _worth(term, unit) for term in question.terms} for unit in units]
    weights = _weights(question, worths)
    parts = _Parts(weighted(question.slots, weights), [weighted(ask.slots, weights) for ask in question.asks], weights, sum(weights.values()) or 1.0)
    scored = (_score(unit, worth, question, parts, prior=priors[unit.rank]) for unit, worth in zip(units, worths, strict=True))
    return sorted(scored, key=lambda item: -item.score)


def _enough(question: Question, *, language: str) -> float:
    """The score from which on a question of this length counts as answered."""
    start, each = ENOUGH[language]
    return start - each * min(LONG, question.words)


def _weights(question: Question, worths: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The rarity of each term among the sentences at hand."""
    counts = {term: sum(worth[term] >= IN_ASKED for worth in worths) for term in question.terms}
    rarest = math.log(1 + len(worths))
    return {term: strength * (math.log(1 + len(worths) / counts[term]) if counts[term] else ABSENT * rarest) for term, strength in question.terms.items()}


def _score(unit: Unit, worth: Mapping[str, float], question: Question, parts: _Parts, *, prior: float) -> _Scored:
    covered, own = coverage(parts.whole, worth, near=IN_NEAR)
    score = BLEND * covered + (1 - BLEND) * sum(weight * worth[term] for term, weight in parts.weights.items()) / parts.weight
    factor = (1 - PRIOR + PRIOR * prior) * _case(question, unit)
    if len(unit.text) < 6 or (unit.text.endswith(("：", ":")) and not unit.items):
        factor *= 0.6
    kinds = [_kind(ask, unit) for ask in question.asks]
    answering = [kind * _of_clause(ask, slots, worth, score) for ask, slots, kind in zip(question.asks, parts.asks, kinds, strict=True)]
    asks = tuple(factor * (answer + PULL * kind) for answer, kind in zip(answering, kinds, strict=True))
    return _Scored(unit, max(asks), factor * max(answering), covered, own, asks)


def _of_clause(ask: Ask, slots: Weighted, worth: Mapping[str, float], whole: float) -> float:
    share = OF_CLAUSE * min(1.0, words_of(ask.slots) / CLAUSE)
    return (1 - share) * whole + share * coverage(slots, worth, near=IN_NEAR)[0] if share else whole


def _kind(ask: Ask, unit: Unit) -> float:
    if not ask.kinds:
        return 1.0
    right = sum(_holds(kind, unit) or _in_title(kind, unit) for kind in ask.kinds) / len(ask.kinds)
    return WRONG_KIND + (RIGHT_KIND - WRONG_KIND) * right


def _holds(kind: Kind, unit: Unit) -> bool:
    return holds(kind, unit.text, row=unit.kind == "row")


def _in_title(kind: Kind, unit: Unit) -> bool:
    """Whether the heading says for all items below it what is asked: 三、保管30年."""
    return unit.kind != "sentence" and kind in ("amount", "duration", "time", "date") and holds(kind, unit.title)


def _case(question: Question, unit: Unit) -> float:
    """Whether the unit speaks of the amounts and dates that the question names."""
    factor = 1.0
    if question.quantities:
        named = quantities(unit.text)
        for wanted in question.quantities:
            if wanted.measure == "piece" and wanted.low <= 1:
                continue  # 一个八万块的采购
            same = [one for one in named if one.measure == wanted.measure]
            fit = max((one.fit(wanted) for one in same), default=0.0)
            if fit:
                factor *= 1 + (FITS - 1) * fit * (1.0 if wanted.low > 1 else 0.3)
            elif wanted.low > 1 and any(one.is_range for one in same):  # 一天, 一次 are seldom the case's amount
                factor *= MISFITS
    if question.figures.dates:
        dates = figures(unit.text).dates
        if dates:
            missing = question.figures.missing_from(figures(unit.text))
            factor *= OTHER_DATE if missing else SAME_DATE
    return factor


def _worth(term: str, unit: Unit) -> float:
    if unit.terms.has(term):
        return 1.0
    if unit.asked.has(term):
        return IN_ASKED
    if any(heading.has(term) for heading in unit.heading):
        return IN_HEADING
    if unit.terms.skips(term):
        return IN_SKIPPED
    if unit.context.has(term):
        return IN_CONTEXT
    if any(near.has(term) for near in unit.near):
        return IN_NEAR
    return IN_PASSAGE if unit.around.has(term) else 0.0


def _choose(ranked: Sequence[_Scored], asks: Sequence[Ask], *, limit: int, found: bool) -> list[Unit]:
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


def _for_ask(ranked: Sequence[_Scored], chosen: Sequence[_Scored], asked: Ask, *, ask: int) -> _Scored | None:
    """What is to be quoted for one part of the question, beside what is chosen; for a part with few words
    of its own (一共多少钱) it stands where the rest does."""
    best = chosen[0]
    vague = words_of(asked.slots) < VAGUE
    if vague and any(_holds(kind, item.unit) for kind in asked.kinds for item in chosen):
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


def _after(item: _Scored, best: _Scored, *, found: bool) -> float:
    """Its score; more where it goes on from the best sentence, or, without an answer, stands in its passage."""
    same = item.unit.number == best.unit.number
    follows = same and item.unit.order - best.unit.order in (1, 2) and item.unit.kind == best.unit.kind == "sentence"
    return item.score * (NEXT if follows else 1.0) * (SAME_PASSAGE if same and not found else 1.0)


def _is_new(item: _Scored, chosen: Sequence[_Scored]) -> bool:
    said = max(containment(item.unit.grams, other.unit.grams) for other in chosen)
    return said < SAME and not any(item.unit.text in other.unit.items for other in chosen)


def _written(units: Sequence[Unit], question: Question, *, lead: str) -> str:
    kinds = {kind for ask in question.asks for kind in ask.kinds}
    blocks = [_block(unit, titled=any(_in_title(kind, unit) and not _holds(kind, unit) for kind in kinds)) for unit in units]
    if len(blocks) == 1 and not lead:
        return blocks[0]
    listed = "\n".join(f"- {block}" for block in blocks)
    return f"{lead}\n\n{listed}" if lead else listed


def _block(unit: Unit, *, titled: bool) -> str:
    """The quotation with its mark, after its heading where that answers, and the list that it leads in."""
    lines = [plain_numbers(f"{unit.title} › {unit.text}" if titled else unit.text)] + [f"  - {plain_numbers(item)}" for item in unit.items[:MAX_LIST_ITEMS]]
    lines[-1] += f" [{unit.number}]"
    if len(lines) == 1:
        return lines[0]
    lines[0] += f" [{unit.number}]"
    return "\n".join(lines)
