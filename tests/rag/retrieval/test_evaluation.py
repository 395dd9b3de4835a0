"""Measuring retrieval: BEIR folders are read strictly, figures are what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from apps.rag.evaluation import (
    QuestionSet,
    Score,
    evaluate,
    in_pieces,
    index_set,
    read_beir,
    score,
    whole_name,
)
from apps.rag.retrieval import RetrievalOptions
from apps.rag.stores.edge import EdgeStore

from .make import ENCODER, HashEmbedder, chunk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "small"
    root.mkdir()
    corpus = [{"_id": "d1", "title": "年假", "text": "十五天"}, {"_id": "d2", "text": "差旅住宿标准"}]
    queries = [
        {"_id": "q1", "text": "年假有几天"},
        {"_id": "q2", "text": "住宿标准"},
        {"_id": "q3", "text": "无"},
    ]
    (root / "corpus.jsonl").write_text("\n".join(json.dumps(row) for row in corpus))
    (root / "queries.jsonl").write_text("\n".join(json.dumps(row) for row in queries) + "\n\n")
    (root / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\nq2\td1\t0\nq3\tgone\t1\n"
    )
    return root


def test_only_questions_with_a_relevant_passage_count(folder: Path) -> None:
    found = read_beir(folder)
    assert (len(found.passages), list(found.questions), found.relevant["q2"]) == (
        2,
        ["q1", "q2"],
        frozenset({"d2"}),
    )


def test_a_broken_line_is_named(folder: Path) -> None:
    with (folder / "corpus.jsonl").open("a") as lines:
        lines.write('\n{"_id": 7, "text": "x"}')
    with pytest.raises(ValueError, match="corpus.jsonl, line 3"):
        read_beir(folder)


def test_figures_are_means_over_the_questions(folder: Path) -> None:
    found = score(read_beir(folder), lambda text: ["d2", "d1"])
    assert (found.recall_1, found.recall_10, found.mrr_10) == (0.5, 1.0, 0.75)


def asked(questions: QuestionSet, index: Path, *, told: Mapping[str, str] | None = None) -> Score:
    """All questions in a store of their own; `told` as for evaluate()."""
    store, embedder, cabinet = EdgeStore(index), HashEmbedder("en"), uuid4()
    try:
        index_set(questions, store=store, embedder=embedder, sparse=ENCODER, cabinet_id=cabinet)
        return evaluate(
            questions,
            RetrievalOptions(limit=10),
            store=store,
            embedder=embedder,
            sparse=ENCODER,
            reranker=None,
            cabinet_id=cabinet,
            told=told,
        )
    finally:
        store.close()


def test_the_pipeline_finds_the_answers(folder: Path, tmp_path: Path) -> None:
    found = asked(read_beir(folder), tmp_path / "index")
    assert (found.questions, found.recall_1, found.mrr_10) == (2, 1.0, 1.0)


def test_the_meaning_is_asked_whole_whatever_the_words_are_told(tmp_path: Path) -> None:
    texts = {"ferry": "The ferry leaves at nine.", "lunch": "Lunch is served at noon."}
    read = {name: replace(chunk(text), language="en") for name, text in texts.items()}
    unread = {name: replace(passage, language="zh") for name, passage in read.items()}  # no vectors
    question, told = "When does the ferry leave at nine", {"When does the ferry leave at nine": "zzz qqq"}
    for passages, found in ((read, 1.0), (unread, 0.0)):
        questions = QuestionSet("ferries", passages, {"q": question}, {"q": frozenset({"ferry"})})
        assert asked(questions, tmp_path / f"{found}", told=told).recall_1 == found


def test_a_long_passage_is_found_by_what_stands_at_its_end(tmp_path: Path) -> None:
    """Cut as documents are: read whole, the beginning would speak for all of it."""
    root = tmp_path / "long"
    root.mkdir()
    filler = "\n".join(f"第{i}段讲的是院区绿化、会议室预订和班车时刻，与别的事情无关。" for i in range(60))
    corpus = [
        {"_id": "long", "title": "手册", "text": f"{filler}\n离职手续在十个工作日内办完。"},
        {"_id": "short", "text": "会议室须提前预订。"},
    ]
    (root / "corpus.jsonl").write_text("\n".join(json.dumps(row) for row in corpus))
    (root / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "离职手续几天办完"}))
    (root / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\tlong\t1\n")
    questions = in_pieces(read_beir(root))
    assert len(questions.passages) > 3
    assert {whole_name(name) for name in questions.passages} == {"long", "short"}
    assert (
        "".join(chunk.text for name, chunk in questions.passages.items() if name != "short").count("第") >= 60
    )
    assert len({chunk.id for chunk in questions.passages.values()}) == len(questions.passages)
    found = asked(questions, tmp_path / "index")
    assert (found.recall_1, found.recall_10, found.mrr_10) == (1.0, 1.0, 1.0)


def test_pieces_of_one_passage_count_once(folder: Path) -> None:
    found = score(read_beir(folder), lambda text: ["d1"] * 10 + ["d2"])
    assert (found.recall_10, found.mrr_10) == (1.0, 0.75)
