"""REST: proofreading of texts, decisions about findings, dictionaries and rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Router, Status

from apps.accounts.auth import act_for, require_scope
from apps.accounts.models import ApiKey, User
from apps.core.problems import Problem
from apps.office import deciding, words
from apps.office.files.keeping import reading_delete
from apps.office.models import ProofFinding, Proofreading
from apps.office.proofreading.engine import all_rules
from apps.office.proofreading_schemas import (
    AcceptIn,
    DictionariesOut,
    DictionaryIn,
    FindingOut,
    OptionsIn,
    ProofreadIn,
    ProofreadingOut,
    ProofreadOut,
    RuleList,
    WhitelistIn,
    WhitelistOut,
)
from apps.office.proofreading_selectors import finding_for, proofreading_for
from apps.office.reading import Asked, Read, proofread_text, summary_of

router = Router(tags=["office"])
OFFICE = ApiKey.Scope.OFFICE


def asked_of(payload: OptionsIn) -> Asked:
    """ "zh-CN" and "en-US" are "zh" and "en" here."""
    return Asked(
        language=payload.language.partition("-")[0],
        engines=payload.engines,
        profile=payload.profile,
        kind=payload.kind,
        cabinet_ids=payload.cabinet_ids,
        false_alarms=payload.false_alarms,
    )


def caller(request: HttpRequest, on_behalf_of: str | None) -> User:
    user = require_scope(request, OFFICE)
    if not on_behalf_of:
        return user
    key = getattr(request, "auth", None)
    if not isinstance(key, ApiKey):
        raise Problem(403, _("Only a key can act on behalf of others."), code="scope")
    act_for(request, key, on_behalf_of)
    return request.user  # type: ignore[return-value]


@router.post("/proofread", response=ProofreadOut, summary="Proofread a text")
def proofread(request: HttpRequest, payload: ProofreadIn):
    """Rules, dictionaries, statistics and facts answer at once; where a chat model is connected its part is
    `pending`, and `GET /proofreadings/{id}` has it later."""
    user = caller(request, payload.on_behalf_of)
    return _shown(proofread_text(by=user, text=payload.text, asked=asked_of(payload)))


@router.get(
    "/proofreadings/{uuid:reading_id}", response=ProofreadingOut, summary="A reading and its findings"
)
def proofreading(request: HttpRequest, reading_id: UUID):
    return shown(proofreading_for(require_scope(request, OFFICE), reading_id))


def shown(row: Proofreading) -> dict[str, Any]:
    """A reading as it is kept, with what was decided."""
    findings = list(row.findings.order_by("offset", "number"))
    answer = _shown(Read(row, findings, summary_of(findings)))
    return {**answer, "filename": row.filename, "created_at": row.created_at}


@router.delete("/proofreadings/{uuid:reading_id}", response={204: None}, summary="Forget a reading")
def proofreading_delete(request: HttpRequest, reading_id: UUID):
    reading_delete(proofreading_for(require_scope(request, OFFICE), reading_id))
    return Status(204, None)


def _shown(read: Read) -> dict[str, Any]:
    row: Proofreading = read.proofreading
    return {
        "id": row.pk,
        "language": row.language,
        "kind": row.kind,
        "findings": read.findings,
        "summary": read.summary,
        "engines": row.engines,
        "fingerprint": row.fingerprint,
    }


@router.post("/findings/{uuid:finding_id}/accept", response=FindingOut, summary="Take a suggestion")
def finding_accept(request: HttpRequest, finding_id: UUID, payload: AcceptIn | None = None) -> ProofFinding:
    finding = finding_for(require_scope(request, OFFICE), finding_id)
    return deciding.finding_accept(finding, value=payload.value if payload else None)


@router.post("/findings/{uuid:finding_id}/ignore", response=FindingOut, summary="Leave a finding")
def finding_ignore(request: HttpRequest, finding_id: UUID) -> ProofFinding:
    return deciding.finding_ignore(finding_for(require_scope(request, OFFICE), finding_id))


@router.post("/findings/{uuid:finding_id}/reopen", response=FindingOut, summary="Take a decision back")
def finding_reopen(request: HttpRequest, finding_id: UUID) -> ProofFinding:
    return deciding.finding_reopen(finding_for(require_scope(request, OFFICE), finding_id))


@router.post("/findings/{uuid:finding_id}/whitelist", response=WhitelistOut, summary="Never again")
def finding_whitelist(request: HttpRequest, finding_id: UUID, payload: WhitelistIn | None = None):
    """The word is allowed for this person from now on; of a finding that is about no word, the rule is off."""
    user = require_scope(request, OFFICE)
    finding = finding_for(user, finding_id)
    finding, kept = deciding.finding_whitelist(finding, by=user, word=payload.word if payload else "")
    return {"finding": finding, "kept": kept}


@router.get("/dictionaries", response=DictionariesOut, summary="Words of one's own and of the organisation")
def dictionaries(request: HttpRequest):
    user = require_scope(request, OFFICE)
    return {"personal": words.dictionary_of(user), "organisation": words.dictionary_of(None)}


@router.put("/dictionaries", response=DictionariesOut, summary="Replace lists of words")
def dictionaries_put(request: HttpRequest, payload: DictionaryIn):
    user = require_scope(request, OFFICE)
    given = payload.dict(exclude={"scope"}, exclude_none=True)
    words.dictionary_set(by=user, shared=payload.scope == "organisation", lists=given)
    return dictionaries(request)


@router.get("/rules", response=RuleList, summary="What is looked for")
def rules(request: HttpRequest):
    require_scope(request, OFFICE)
    language = "en" if (get_language() or "").startswith("en") else "zh"
    shown = [
        {
            "id": rule.id, "category": rule.category, "severity": rule.severity, "type": rule.type,
            "title": rule.title[language], "basis": rule.basis, "version": rule.version,
            "example": dict(rule.example), "per_million": rule.per_million,
        }
        for rule in all_rules()
    ]  # fmt: skip
    return {"items": shown, "next_cursor": None}
