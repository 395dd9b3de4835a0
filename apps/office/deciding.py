"""What people decide about findings."""

from __future__ import annotations

import re

from django.db import transaction

from apps.accounts.models import User
from apps.office.models import ProofFinding
from apps.office.words import rule_mute, word_allow

State = ProofFinding.State
OF_WORDS = {"错别字", "多字少字", "规范表述", "语法", "语义", "知识"}
_AROUND = re.compile(r"[\u3400-\u9fffA-Za-z]")


def finding_accept(finding: ProofFinding, *, value: str | None = None) -> ProofFinding:
    """Take a suggestion: the one given, or the first. A flag is accepted as seen."""
    known = [entry["value"] for entry in finding.suggestions]
    finding.chosen = value if value is not None else next(iter(known), "")
    return _set(finding, State.ACCEPTED)


def finding_ignore(finding: ProofFinding) -> ProofFinding:
    return _set(finding, State.IGNORED)


def finding_reopen(finding: ProofFinding) -> ProofFinding:
    finding.chosen = ""
    return _set(finding, State.OPEN)


@transaction.atomic
def finding_whitelist(finding: ProofFinding, *, by: User, word: str = "") -> tuple[ProofFinding, str]:
    """Never again for this person: the word, or the rule where the finding is about no word. Returns what
    was written into the dictionary."""
    if finding.category in OF_WORDS or word:
        kept = word.strip() or allowed_word(finding)
        word_allow(by=by, word=kept)
    else:
        kept = finding.rule_id
        rule_mute(by=by, rule_id=kept)
    return _set(finding, State.WHITELISTED), kept


def allowed_word(finding: ProofFinding) -> str:
    """The words of the finding; a single character with its neighbours, so that it is not allowed everywhere."""
    if len(finding.text.strip()) >= 2:
        return finding.text.strip()[:100]
    text, start = str(finding.context.get("text", finding.text)), int(finding.context.get("offset", 0))
    end = start + len(finding.text)
    before = text[start - 1 : start] if start else ""
    after = text[end : end + 1]
    parts = (before if _AROUND.match(before) else "", finding.text, after if _AROUND.match(after) else "")
    return "".join(parts).strip() or finding.text


def _set(finding: ProofFinding, state: str) -> ProofFinding:
    finding.state = state
    finding.save(update_fields=["state", "chosen"])
    return finding
