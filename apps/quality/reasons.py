"""Why a passage stands where it stands, in plain words: what of the question it fits, and by which look it was found."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.rag.explanation import Explanation, PassageReport
from apps.rag.facets import Facets
from apps.rag.metadata import kind_of_title
from apps.rag.rerankers.exact import references
from apps.rag.rerankers.lexical import cached_fold
from apps.rag.types import Chunk

MOST_NAMED = 5


def reasons(chunk: Chunk, told: Explanation) -> list[str]:
    """Sentences in the language of the request, the weightiest first; never empty."""
    report = next((one for one in told.passages if one.chunk_id == chunk.id), None)
    found = _of_facets(chunk, told.facets)
    return found + (_of_legs(report) if report is not None else [])


def _of_facets(chunk: Chunk, facets: Facets) -> list[str]:
    text, title = cached_fold(chunk.embedding_text), cached_fold(chunk.title)
    held = references(text)
    found = []
    literal = [one for one in facets.references if one in held]
    if literal:
        names = _(", ").join(one.partition(":")[2] or one for one in literal[:MOST_NAMED])
        found.append(_("It names what was asked for: %(names)s.") % {"names": names})
    for period in facets.periods:
        terms = frozenset(period.terms())
        if terms & held or any(term.isdecimal() and term in text for term in terms):
            found.append(_("It is from the time that was meant by “%(text)s”.") % {"text": period.text})
    named = (issuer for issuer in facets.issuers[:MOST_NAMED] if issuer in text)
    found += [_("It names %(issuer)s.") % {"issuer": issuer} for issuer in named]
    kind = kind_of_title(title)
    if facets.kinds and kind in facets.kinds:
        found.append(_("It is of the kind that was asked for: %(kind)s.") % {"kind": kind})
    meant = ((one.said, word) for one in facets.wording for word in one.meant[:MOST_NAMED] if word in text)
    said = _("It says “%(word)s”, which the question calls “%(said)s”.")
    found += [said % {"word": word, "said": everyday} for everyday, word in list(meant)[:MOST_NAMED]]
    return found


def _of_legs(report: PassageReport) -> list[str]:
    words, meaning = report.legs.get("sparse"), report.legs.get("dense")
    found = []
    if words is not None:
        found.append(_("Among the words of the question it is number %(rank)d.") % {"rank": words.rank})
    if meaning is not None:
        found.append(_("By its meaning it is number %(rank)d.") % {"rank": meaning.rank})
    if report.rerank is not None and report.fused is not None and report.rank is not None:
        found.append(
            _("Reading it again moved it from number %(before)d to number %(after)d.")
            % {"before": report.fused.rank, "after": report.rank}
        )
    return found
