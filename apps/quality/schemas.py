"""Shapes of the REST contract for golden questions, runs, settings of retrieval and what was not found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from apps.quality.models import GoldenQuestion, GoldenResult, GoldenRun
from apps.quality.services import Expectation


class QuestionIn(Schema):
    """`document_ids` or `documents` (folder path and file name) name what answers it."""

    question: str = Field(..., max_length=4000)
    answer: str = Field("", max_length=20_000)
    passage: str = Field("", max_length=20_000)
    words: list[str] = Field([], max_length=100)
    unanswerable: bool = False
    document_ids: list[UUID] = Field([], max_length=100)
    documents: list[str] = Field([], max_length=100)

    def expectation(self) -> Expectation:
        return Expectation(
            question=self.question,
            answer=self.answer,
            passage=self.passage,
            words=self.words,
            unanswerable=self.unanswerable,
            document_ids=self.document_ids,
            names=self.documents,
        )


class QuestionNew(QuestionIn):
    origin: Literal["typed", "answer"] = "typed"


class TargetOut(Schema):
    document_id: UUID | None
    name: str


class QuestionOut(Schema):
    id: UUID
    cabinet_id: UUID
    question: str
    answer: str
    passage: str
    words: list[str]
    unanswerable: bool
    documents: list[TargetOut]
    origin: str
    created_by: str | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_documents(question: GoldenQuestion) -> list[Any]:
        return list(question.targets.all())

    @staticmethod
    def resolve_created_by(question: GoldenQuestion) -> str | None:
        return question.created_by.username if question.created_by else None


class QuestionList(Schema):
    items: list[QuestionOut]
    next_cursor: str | None


class Rejected(Schema):
    line: int
    message: str


class ImportOut(Schema):
    added: int
    updated: int
    rejected: list[Rejected]
    rejected_count: int


class RunIn(Schema):
    label: str = Field("", max_length=120)
    answers: Literal["quotes", "model"] = "quotes"


class RunOut(Schema):
    id: UUID
    cabinet_id: UUID
    label: str
    state: str
    progress: float
    answers: str
    options: dict[str, Any]
    environment: dict[str, Any]
    totals: dict[str, float]
    error: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None

    @staticmethod
    def resolve_progress(run: GoldenRun) -> float:
        return run.job.progress if run.job else float(run.finished_at is not None)

    @staticmethod
    def resolve_error(run: GoldenRun) -> dict[str, Any] | None:
        return run.job.error if run.job else None


class RunList(Schema):
    items: list[RunOut]
    next_cursor: str | None


class ResultOut(Schema):
    number: int
    question_id: UUID | None
    question: str = Field(alias="text")
    expected: list[str]
    unanswerable: bool
    rank: int | None
    cited: bool
    passed: bool
    fault: str
    found: list[dict[str, Any]]
    answer: str
    milliseconds: int


class RunDetail(RunOut):
    results: list[ResultOut]

    @staticmethod
    def resolve_results(run: GoldenRun) -> list[GoldenResult]:
        return list(run.results.exclude(done_at=None))


class ChangeOut(Schema):
    question: str
    before: ResultOut | None
    after: ResultOut | None


class Difference(Schema):
    name: str
    before: Any
    after: Any


class ComparisonOut(Schema):
    before: RunOut
    after: RunOut
    better: list[ChangeOut]
    worse: list[ChangeOut]
    same_count: int
    only_in_one: list[ChangeOut]
    differences: list[Difference]


class RetrievalSettings(Schema):
    """What is not named is the product's default."""

    mode: Literal["hybrid", "dense", "sparse"] | None = None
    rerank: bool | None = None
    candidates: int | None = None
    dense_weight: float | None = None
    limit: int | None = None


class SettingsOut(Schema):
    settings: dict[str, Any]
    defaults: dict[str, Any]
    changed: list[str]


class WhyIn(Schema):
    query: str = Field(..., max_length=10_000)
    document_id: UUID
    chunk_id: UUID | None = None
    person: str | None = Field(None, max_length=150)


class GateOut(Schema):
    name: str
    state: Literal["passed", "failed", "unknown"]
    code: str
    sentence: str
    advice: str
    facts: dict[str, str | int | float | date | None]


class LegOut(Schema):
    leg: str
    rank: int | None
    score: float | None
    depth: int
    last: float | None


class WhyOut(Schema):
    found: bool
    rank: int | None
    stopped_at: str | None
    gates: list[GateOut]
    legs: list[LegOut]
    chunk_id: UUID | None
