"""Shapes of the proofreading interface."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from apps.office.models import ProofFinding

Engine = Literal["rules", "dictionary", "statistics", "facts", "model"]
MAX_IDS = 200


class OptionsIn(Schema):
    language: Literal["auto", "zh", "en", "zh-CN", "en-US"] = "auto"
    engines: list[Engine] | None = Field(None, max_length=5)
    profile: Literal["precise", "balanced"] = "balanced"
    kind: str = Field("", max_length=20)
    cabinet_ids: list[UUID] | None = Field(None, max_length=MAX_IDS)
    false_alarms: float | None = Field(
        None,
        ge=0,
        le=0.2,
        description="Share of clean sentences that guesses may touch, instead of the profile's",
    )


class ProofreadIn(OptionsIn):
    text: str
    on_behalf_of: str | None = Field(None, max_length=150)


class Suggestion(Schema):
    value: str
    score: float


class RuleRef(Schema):
    id: str
    version: str
    basis: str


class FindingOut(Schema):
    """Offsets in Unicode code points of the text as it was sent."""

    id: UUID
    offset: int
    length: int
    paragraph: int
    text: str
    context: dict[str, Any]
    suggestions: list[Suggestion]
    category: str
    type: str
    operation: str
    severity: str
    confidence: float
    rule: RuleRef
    engines: list[str]
    message: str
    explanation: str
    fixable: bool
    state: str
    chosen: str
    conflicts: list[str]
    sources: list[dict[str, Any]]

    @staticmethod
    def resolve_rule(row: ProofFinding) -> dict[str, str]:
        return {"id": row.rule_id, "version": row.rule_version, "basis": row.basis}


class ProofreadOut(Schema):
    id: UUID
    language: str
    kind: str
    findings: list[FindingOut]
    summary: dict[str, dict[str, int]]
    engines: dict[str, str]
    fingerprint: str


class ProofreadingOut(ProofreadOut):
    """`text` is that of a file, where it was asked for."""

    filename: str
    created_at: datetime
    text: str | None = None


class AcceptIn(Schema):
    value: str | None = Field(None, max_length=2000)


class WhitelistIn(Schema):
    word: str = Field("", max_length=100)


class WhitelistOut(Schema):
    finding: FindingOut
    kept: str


class DictionaryLists(Schema):
    allow: list[str] = []
    pairs: dict[str, str] = {}
    forbid: list[str] = []
    names: list[str] = []
    muted: list[str] = []


class DictionariesOut(Schema):
    personal: DictionaryLists
    organisation: DictionaryLists


class DictionaryIn(Schema):
    """Lists that are left out stay as they are."""

    scope: Literal["personal", "organisation"] = "personal"
    allow: list[str] | None = Field(None, max_length=5000)
    pairs: dict[str, str] | None = Field(None, max_length=5000)
    forbid: list[str] | None = Field(None, max_length=5000)
    names: list[str] | None = Field(None, max_length=5000)
    muted: list[str] | None = Field(None, max_length=500)


class RuleOut(Schema):
    id: str
    category: str
    severity: str
    type: str
    title: str
    basis: str
    version: str
    example: dict[str, str]
    per_million: float | None


class RuleList(Schema):
    items: list[RuleOut]
    next_cursor: str | None = None
