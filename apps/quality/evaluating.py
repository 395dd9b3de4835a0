"""Asking questions with known answers: of a BEIR folder in a throw-away index, or of a file against a cabinet."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

from apps.accounts.models import User
from apps.cabinets.models import Cabinet, Document
from apps.cabinets.searching import search
from apps.core.database import release_connection
from apps.rag import components
from apps.rag.evaluation import QuestionSet, asked_for, in_pieces, index_set, read_beir, whole_name
from apps.rag.indexing import competent
from apps.rag.languages import detect
from apps.rag.measuring import CUTOFF, Outcome
from apps.rag.retrieval import RetrievalOptions, RetrievalResult, retrieve
from apps.rag.stores.edge import EdgeStore
from apps.rag.types import Chunk, Hit, SearchScope

RUNS = {
    "sparse": RetrievalOptions(limit=CUTOFF, mode="sparse", rerank=False, diversify=False),
    "dense": RetrievalOptions(limit=CUTOFF, mode="dense", rerank=False, diversify=False),
    "fused": RetrievalOptions(limit=CUTOFF, rerank=False, diversify=False),
    "reranked": RetrievalOptions(limit=CUTOFF),
}
WITHOUT = 5  # each fifth question is asked again with its answers taken away
MOST_QUESTIONS = 20_000


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """A question of a file and the documents that answer it, by folder path and file name."""

    text: str
    documents: tuple[str, ...]


def read_questions(path: Path) -> list[FileQuestion]:
    """A JSON file {"questions": [{question, documents, unanswerable?}]} or one such object a line. Raises ValueError
    with the number of the entry."""
    text = path.read_text(encoding="utf-8")
    try:
        data = json.loads(text)
        rows = data["questions"] if isinstance(data, dict) and "questions" in data else [data]
    except json.JSONDecodeError:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    found = []
    for number, row in enumerate(rows[:MOST_QUESTIONS], start=1):
        try:
            names = () if row.get("unanswerable") else tuple(map(str, row["documents"]))
            found.append(FileQuestion(str(row["question"]), names))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}, question {number}: {error!r}") from error
    return found


def ask_cabinet(
    questions: Sequence[FileQuestion], cabinet: Cabinet, *, user: User
) -> Iterator[tuple[str, list[Outcome]]]:
    """(run, outcomes) of each way to search, as this person sees the cabinet."""
    names = {
        document.pk: f"{document.folder.path}/{document.filename}".lstrip("/")
        for document in Document.objects.filter(cabinet=cabinet).select_related("folder").iterator()
    }
    for run, options in _runs([one.text for one in questions]).items():
        outcomes = []
        for one in questions:
            result = search(user, one.text, cabinet_ids=[cabinet.pk], options=options)
            found = [names.get(passage.chunk.document_id, "") for passage in result.passages]
            outcomes.append(_outcome(one.text, one.documents, result, found))
        release_connection()
        yield run, outcomes


def ask_folder(folder: Path) -> Iterator[tuple[str, list[Outcome]]]:
    """(run, outcomes) of each way to search in a BEIR folder, with the embedder and reranker of the settings. Where it
    reranks, each fifth question is asked once more with its answers taken away. Long passages are cut as documents are."""
    questions = in_pieces(read_beir(folder))
    cabinet, embedder, sparse = uuid4(), components.query_embedder(), components.sparse()
    with tempfile.TemporaryDirectory() as place:
        store = EdgeStore(place)
        try:
            index_set(questions, store=store, embedder=embedder, sparse=sparse, cabinet_id=cabinet)
            shelf = _Shelf(questions, store, SearchScope(cabinet_ids=frozenset([cabinet])))
            for run, options in _runs(list(questions.questions.values())).items():
                yield run, shelf.ask_all(options)
        finally:
            store.close()


class _Shelf:
    """A set in its index, in place of the database."""

    def __init__(self, questions: QuestionSet, store: EdgeStore, scope: SearchScope) -> None:
        self._questions, self._store, self._scope = questions, store, scope
        self._chunks = {chunk.id: chunk for chunk in questions.passages.values()}
        self._names = {chunk.id: whole_name(name) for name, chunk in questions.passages.items()}

    def ask_all(self, options: RetrievalOptions) -> list[Outcome]:
        options = replace(options, limit=asked_for(self._questions, options.limit))
        outcomes = []
        for number, (key, text) in enumerate(self._questions.questions.items()):
            wanted = self._questions.relevant[key]
            outcomes.append(self._ask(text, wanted, options, hidden=frozenset()))
            if options.rerank and number % WITHOUT == 0:
                hidden = frozenset(chunk for chunk, name in self._names.items() if name in wanted)
                outcomes.append(self._ask(text, (), options, hidden=hidden))
        return outcomes

    def _ask(
        self, text: str, wanted: Collection[str], options: RetrievalOptions, *, hidden: frozenset[UUID]
    ) -> Outcome:
        def load(hits: list[Hit]) -> dict[UUID, Chunk]:
            return {hit.chunk_id: self._chunks[hit.chunk_id] for hit in hits if hit.chunk_id not in hidden}

        result = retrieve(
            text,
            self._scope,
            store=self._store,
            embedder=components.query_embedder(),
            sparse=components.sparse(),
            reranker=components.reranker(),
            load=load,
            options=options,
        )
        return _outcome(text, wanted, result, [self._names[one.chunk.id] for one in result.passages])


def _runs(texts: Sequence[str]) -> dict[str, RetrievalOptions]:
    """Without the dense run where the embedder reads no question: it would only repeat the sparse one."""
    embedder = components.query_embedder()
    reads = any(competent(embedder, detect(text)) for text in texts)
    return {name: options for name, options in RUNS.items() if reads or name != "dense"}


def _outcome(text: str, wanted: Collection[str], result: RetrievalResult, found: Sequence[str]) -> Outcome:
    return Outcome(
        language=detect(text),
        found=list(dict.fromkeys(found)),
        wanted=wanted,
        answerable=result.answerable.answerable if result.answerable else None,
        milliseconds=result.timings_ms["total"],
    )
