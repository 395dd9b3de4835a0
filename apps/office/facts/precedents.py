"""Who in the house writes it the right way: a passage that a finding can cite, looked up in the search index.

Only wording is looked up, only what is no mere hint, and at most MOST_LOOKUPS phrases of a draft: each costs a search."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from uuid import UUID

from apps.accounts.models import User
from apps.cabinets import selectors
from apps.cabinets.access import visible_documents
from apps.cabinets.readers import Reader, reader_of
from apps.cabinets.searching import passage_url, search_scope
from apps.core.problems import Problem
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Finding
from apps.rag.errors import RagError
from apps.rag.retrieval import RetrievalOptions
from apps.rag.types import ScoredChunk, SearchScope

logger = logging.getLogger(__name__)
MOST_LOOKUPS = 4
OF_WORDING = frozenset({"错别字", "多字少字", "规范表述", "语法", "知识"})
# By words alone, without models: the phrase itself must stand there.
OPTIONS = RetrievalOptions(
    limit=5, mode="sparse", rerank=False, candidates=20, understand=False, diversify=False
)
AROUND = 4  # characters beside the change that are looked up with it
QUOTED = 24
_HAN = re.compile(r"[\u3400-\u9fff]")


def with_precedents(
    user: User, draft: Draft, findings: Sequence[Finding], *, cabinet_ids: Sequence[UUID] | None = None
) -> list[Finding]:
    """The findings in their order, some of them with a source {document_id, title, quote, page, url, kind}. Where the
    search is down they come as they are."""
    found = list(findings)
    places = [place for place, one in enumerate(found) if _is_of_wording(one)]
    if not places or not visible_documents(user).exclude(active_generation=None).exists():
        return found
    # The gravest first; the same phrase once.
    places.sort(key=lambda place: (found[place].severity != "error", found[place].offset))
    known: dict[str, dict[str, object] | None] = {}
    try:
        reader = reader_of(user)
        scope = selectors.search_scope(reader, cabinet_ids=cabinet_ids)
        for place in places:
            phrase, least = phrase_of(draft, found[place])
            if least not in known and len(known) < MOST_LOOKUPS:
                known[least] = _looked_up(reader, scope, phrase, least=least, wrong=found[place].text)
            if source := known.get(least):
                found[place] = found[place].changed(sources=(source,))
    except (RagError, Problem) as error:
        logger.info("proofread without precedents: %s", error)
    return found


def _is_of_wording(finding: Finding) -> bool:
    return (
        finding.category in OF_WORDING
        and finding.severity != "info"
        and not finding.sources
        and bool(finding.suggestions and _HAN.search(finding.suggestions[0].value))
    )


def phrase_of(draft: Draft, finding: Finding) -> tuple[str, str]:
    """(what is looked for, what must stand there): the right words with their neighbours of the same clause."""
    value = finding.suggestions[0].value
    start, end = draft.lines[finding.paragraph]
    before = _run(draft.text[max(start, finding.offset - AROUND) : finding.offset][::-1])[::-1]
    after = _run(draft.text[finding.end : min(end, finding.end + AROUND)])
    near = 0 if len(value) > 1 else 1
    least = (before[-near:] if near else "") + value + after[:near]
    return before + value + after, least


def _run(text: str) -> str:
    """The Chinese characters that a text begins with."""
    taken = 0
    while taken < len(text) and _HAN.match(text[taken]):
        taken += 1
    return text[:taken]


def _looked_up(
    reader: Reader, scope: SearchScope, phrase: str, *, least: str, wrong: str
) -> dict[str, object] | None:
    if len(least) < 2:
        return None
    for passage in search_scope(reader, phrase, scope, options=OPTIONS).passages:
        text = passage.chunk.text
        if least in text and (not wrong or wrong in least or wrong not in text):
            return _source(passage, least)
    return None


def _source(passage: ScoredChunk, phrase: str) -> dict[str, object]:
    chunk = passage.chunk
    place = chunk.text.find(phrase)
    quote = chunk.text[max(0, place - QUOTED) : place + len(phrase) + QUOTED]
    return {
        "kind": "precedent",
        "document_id": str(chunk.document_id),
        "title": chunk.title,
        "quote": " ".join(quote.split()),
        "page": chunk.page_start,
        "url": passage_url(passage),
    }
