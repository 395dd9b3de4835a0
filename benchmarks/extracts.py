"""The answer without a model on question sets with known answers (BEIR folders).

    python -m benchmarks.extracts FOLDER… [--questions 400] [--misses 0]

Each question is asked twice: with all passages, and with those that answer it taken away, when a plain
answer would be a false one. Retrieval is the sparse leg with the lexical reranker, so no model is needed.
Columns: share of questions whose right passage was found in 8, cited, cited first; whose quotes hold an
answer; that were answered plainly, called closest, called not found; the last two without the passage;
quoted sentences an answer; milliseconds of extract_answer, median and 95th percentile.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from apps.rag.evaluation import QuestionSet, read_beir
from apps.rag.extractive import extract_answer
from apps.rag.rerankers.learned import LearnedReranker
from apps.rag.retrieval import RetrievalOptions, retrieve
from apps.rag.sparse import BigramEncoder, fold
from apps.rag.stores.edge import EdgeStore
from apps.rag.types import Chunk, EncodedChunk, Hit, SearchScope, Source

LIMIT = 8
BATCH = 128
COLUMNS = "set,questions,in 8,cited,first,words,plain,closest,nothing,closest*,nothing*,sentences,ms,ms 95"


class NoEmbedder:
    """Stands where retrieval wants one; with mode="sparse" it is never asked."""

    name = "none"
    dimension = 1
    languages: frozenset[str] = frozenset()

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        raise NotImplementedError("the sparse mode embeds nothing")

    def embed_query(self, text: str) -> list[float]:
        raise NotImplementedError("the sparse mode embeds nothing")


class Index:
    """The passages of one set in an embedded store."""

    def __init__(self, questions: QuestionSet, store: EdgeStore) -> None:
        self._chunks = {chunk.id: chunk for chunk in questions.passages.values()}
        self._store, self._sparse, self._reranker = store, BigramEncoder(), LearnedReranker()
        self._cabinet = uuid4()
        store.prepare(dimension=1)
        chunks = list(self._chunks.values())
        for start in range(0, len(chunks), BATCH):
            batch = chunks[start : start + BATCH]
            vectors = self._sparse.encode_documents([chunk.embedding_text for chunk in batch])
            store.upsert(
                [
                    EncodedChunk(chunk, self._cabinet, self._cabinet, vector)
                    for chunk, vector in zip(batch, vectors, strict=True)
                ]
            )

    def sources(self, question: str, *, without: frozenset[UUID] = frozenset()) -> list[Source]:
        def load(hits: list[Hit]) -> dict[UUID, Chunk]:
            return {hit.chunk_id: self._chunks[hit.chunk_id] for hit in hits if hit.chunk_id not in without}

        found = retrieve(
            question,
            SearchScope(cabinet_ids=frozenset([self._cabinet])),
            store=self._store,
            embedder=NoEmbedder(),
            sparse=self._sparse,
            reranker=self._reranker,
            load=load,
            options=RetrievalOptions(limit=LIMIT, mode="sparse"),
        )
        return [Source(number, passage) for number, passage in enumerate(found.passages, start=1)]


@dataclass
class Tally:
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS.split(",")[2:11], 0))
    sentences: int = 0
    spent: list[float] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    def add(self, name: str, *, holds: bool = True) -> None:
        self.counts[name] += holds


@contextmanager
def indexed(questions: QuestionSet) -> Iterator[Index]:
    with tempfile.TemporaryDirectory(prefix="askive-extracts-") as folder:
        store = EdgeStore(folder)
        try:
            yield Index(questions, store)
        finally:
            store.close()


def answers_of(folder: str) -> dict[str, list[str]]:
    """Question id → accepted answers, where the set has them."""
    lines = (Path(folder) / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return {row["_id"]: row.get("metadata", {}).get("answers", []) for row in rows}


def run_set(folder: str, *, count: int) -> tuple[int, Tally]:
    questions, answers, tally = read_beir(folder), answers_of(folder), Tally()
    chosen = sorted(questions.questions)
    random.Random(5).shuffle(chosen)
    with indexed(questions) as index:
        for key in chosen[:count]:
            right = frozenset(questions.passages[name].id for name in questions.relevant[key])
            ask(index, questions.questions[key], right, answers.get(key, []), tally)
    return len(chosen[:count]), tally


def ask(index: Index, question: str, right: frozenset[UUID], answers: list[str], tally: Tally) -> None:
    sources = index.sources(question)
    begun = time.perf_counter()
    extract = extract_answer(question, sources)
    tally.spent.append((time.perf_counter() - begun) * 1000)
    by_number = {source.number: source.passage.chunk.id for source in sources}
    cited = [by_number[number] for number in extract.numbers]
    held = any(squeezed(answer) in squeezed(extract.text) for answer in answers)
    tally.add("in 8", holds=bool(right & set(by_number.values())))
    tally.add("cited", holds=bool(right & set(cited)))
    tally.add("first", holds=bool(cited) and cited[0] in right)
    tally.add("words", holds=held)
    tally.add("plain" if extract.found else "closest" if cited else "nothing")
    tally.sentences += extract.text.count(" [")
    if not held and right & set(by_number.values()):
        tally.misses.append(f"{question}  ({' / '.join(answers)})\n{extract.text}\n")
    other = extract_answer(question, index.sources(question, without=right))
    if not other.found:
        tally.add("closest*" if other.numbers else "nothing*")


def squeezed(text: str) -> str:
    return "".join(fold(text).split())


def row(name: str, asked: int, tally: Tally) -> str:
    shares = [f"{count / asked:.3f}" for count in tally.counts.values()]
    late = statistics.quantiles(tally.spent, n=20)[-1]
    cells = [
        name,
        str(asked),
        *shares,
        f"{tally.sentences / asked:.1f}",
        f"{statistics.median(tally.spent):.1f}",
        f"{late:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--misses", type=int, default=0, help="print this many answers that miss")
    chosen = parser.parse_args()
    names = COLUMNS.split(",")
    print(f"| {' | '.join(names)} |\n|{' --- |' * len(names)}")
    for folder in chosen.folders:
        asked, tally = run_set(folder, count=chosen.questions)
        print(row(Path(folder).name, asked, tally), flush=True)
        for miss in tally.misses[: chosen.misses]:
            print(miss)


if __name__ == "__main__":
    main()
