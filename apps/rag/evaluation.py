"""Measuring retrieval on questions with known answers: BEIR folders, recall and mean reciprocal rank."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from apps.rag.chunking import StructureChunker
from apps.rag.indexing import competent
from apps.rag.interfaces import Embedder, Reranker, SparseEncoder, VectorStore
from apps.rag.languages import detect
from apps.rag.retrieval import MAX_LIMIT, RetrievalOptions, retrieve, vector_of
from apps.rag.types import (
    Chunk,
    Element,
    EncodedChunk,
    Hit,
    ParsedDocument,
    SearchScope,
    SourceFile,
    chunk_id,
)

MAX_LINES = 5_000_000
BATCH = 128
CUTOFF = 10
PIECE = "\0"  # between the name of a passage and the number of its piece
PIECES = 3  # times as many are asked for where passages are in pieces, for as many different ones


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Passages by id, questions by id, and for each question its relevant passages (grade > 0)."""

    name: str
    passages: Mapping[str, Chunk]
    questions: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Score:
    """Means over the questions: share of the relevant found in the first 1 and 10, and MRR@10."""

    questions: int
    recall_1: float
    recall_10: float
    mrr_10: float


def read_beir(folder: str | Path) -> QuestionSet:
    """Read corpus.jsonl, queries.jsonl and qrels.tsv. Raises ValueError with the file and line."""
    root = Path(folder)
    passages: dict[str, Chunk] = {}
    for row in _rows(root / "corpus.jsonl"):
        document = uuid5(NAMESPACE_URL, f"{root.name}/{row['_id']}")
        text = row["text"]
        passages[row["_id"]] = Chunk(
            id=chunk_id(document, 1, 0),
            document_id=document,
            generation=1,
            index=0,
            title=row.get("title") or "",
            text=text,
            language=detect(text),
        )
    relevant = _judgements(root / "qrels.tsv", known=passages)
    questions = {row["_id"]: row["text"] for row in _rows(root / "queries.jsonl") if row["_id"] in relevant}
    return QuestionSet(root.name, passages, questions, {key: relevant[key] for key in questions})


def in_pieces(questions: QuestionSet) -> QuestionSet:
    """The same with its long passages cut as ingestion cuts a document: an embedder reads only the beginning of a long
    text. A piece goes by `whole_name` to its passage."""
    chunker = StructureChunker()
    cut: dict[str, Chunk] = {}
    for name, passage in questions.passages.items():
        pieces = _pieces(passage, chunker)
        if len(pieces) < 2:
            cut[name] = passage
        else:
            cut.update({f"{name}{PIECE}{number}": piece for number, piece in enumerate(pieces)})
    return replace(questions, passages=cut)


def whole_name(name: str) -> str:
    return name.partition(PIECE)[0]


def asked_for(questions: QuestionSet, limit: int) -> int:
    """How many pieces to ask for, to see `limit` passages."""
    return min(MAX_LIMIT, PIECES * limit) if any(PIECE in name for name in questions.passages) else limit


def _pieces(passage: Chunk, chunker: StructureChunker) -> list[Chunk]:
    source = SourceFile(
        passage.document_id, 1, passage.document_id, passage.document_id, passage.title, Path(), "text/plain"
    )
    lines = [line for line in passage.text.split("\n") if line.strip()]
    return chunker.split(source, ParsedDocument([Element("paragraph", line) for line in lines]))


def index_set(
    questions: QuestionSet, *, store: VectorStore, embedder: Embedder, sparse: SparseEncoder, cabinet_id: UUID
) -> None:
    """Write every passage, as ingestion does: a dense vector only where the embedder reads it."""
    store.prepare(dimension=embedder.dimension)
    chunks = list(questions.passages.values())
    for start in range(0, len(chunks), BATCH):
        batch = chunks[start : start + BATCH]
        texts = [chunk.embedding_text for chunk in batch]
        readable = [place for place, chunk in enumerate(batch) if competent(embedder, chunk.language)]
        vectors = embedder.embed_documents([texts[place] for place in readable]) if readable else []
        dense = dict(zip(readable, vectors, strict=True))
        store.upsert(
            [
                EncodedChunk(chunk, cabinet_id, cabinet_id, weights, tuple(dense[i]) if i in dense else None)
                for i, (chunk, weights) in enumerate(zip(batch, sparse.encode_documents(texts), strict=True))
            ]
        )


def evaluate(
    questions: QuestionSet,
    options: RetrievalOptions,
    *,
    store: VectorStore,
    embedder: Embedder,
    sparse: SparseEncoder,
    reranker: Reranker | None,
    cabinet_id: UUID,
    told: Mapping[str, str] | None = None,
) -> Score:
    """Ask every question with these options. `told`: by question what the words' side gets in its place, while the
    dense leg gets the question itself."""
    chunks = {chunk.id: chunk for chunk in questions.passages.values()}
    names = {chunk.id: whole_name(name) for name, chunk in questions.passages.items()}
    options = replace(options, limit=asked_for(questions, options.limit))
    scope = SearchScope(cabinet_ids=frozenset([cabinet_id]))

    def load(hits: list[Hit]) -> dict[UUID, Chunk]:
        return {hit.chunk_id: chunks[hit.chunk_id] for hit in hits if hit.chunk_id in chunks}

    def ask(text: str) -> list[str]:
        vector = vector_of(text, embedder=embedder, options=options) if told else None
        found = retrieve(
            told.get(text, text) if told else text,
            scope,
            store=store,
            embedder=embedder,
            sparse=sparse,
            reranker=reranker,
            load=load,
            options=options,
            vector=vector,
        )
        return [names[passage.chunk.id] for passage in found.passages]

    return score(questions, ask)


def score(questions: QuestionSet, ask: Callable[[str], Sequence[str]]) -> Score:
    """Score any search that answers a question with passage ids, best first."""
    if not questions.questions:
        raise ValueError(f"{questions.name} has no question with a relevant passage.")
    first = ten = reciprocal = 0.0
    for key, text in questions.questions.items():
        wanted = questions.relevant[key]
        found = list(dict.fromkeys(ask(text)))[:CUTOFF]
        first += len(wanted & set(found[:1])) / len(wanted)
        ten += len(wanted & set(found)) / len(wanted)
        reciprocal += next((1 / place for place, name in enumerate(found, start=1) if name in wanted), 0.0)
    count = len(questions.questions)
    return Score(count, first / count, ten / count, reciprocal / count)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if number > MAX_LINES:
                raise ValueError(f"{path} has more than {MAX_LINES} lines.")
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if not isinstance(row["_id"], str) or not isinstance(row["text"], str):
                    raise TypeError("_id and text are strings")
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}, line {number}: {error!r}") from error
            yield row


def _judgements(path: Path, *, known: Mapping[str, Chunk]) -> dict[str, frozenset[str]]:
    relevant: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t"), start=2):
            try:
                question, passage, grade = row["query-id"], row["corpus-id"], float(row["score"])
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}, line {number}: {error!r}") from error
            if grade > 0 and passage in known:
                relevant.setdefault(question, set()).add(passage)
    return {question: frozenset(passages) for question, passages in relevant.items()}
