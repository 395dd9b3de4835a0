"""What a search understood, how sure it is, and what it left out, in one line each."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from apps.rag.explanation import Answerability
from apps.rag.facets import Facets
from apps.rag.retrieval import RetrievalResult


def notes_of(result: RetrievalResult) -> list[str]:
    told = result.explanation
    lines = [_answerable(result.answerable), _understood(result.facets)]
    if told is not None:
        lines.append(_weights({name: leg.weight for name, leg in told.legs.items()}))
        lines.append(_left_out(told.dropped))
    return [line for line in lines if line]


def _answerable(found: Answerability | None) -> str:
    if found is None:
        return ""
    values = {"score": f"{found.score:.2f}", "threshold": f"{found.threshold:.2f}"}
    if found.answerable:
        return _("Looks answerable: %(score)s, from %(threshold)s on") % values
    return _("Looks as if nothing here answers it: %(score)s, from %(threshold)s on") % values


def _understood(facets: Facets) -> str:
    return _("Understood: %(parts)s") % {"parts": " · ".join(facets.told)} if facets.told else ""


def _weights(weights: Mapping[str, float]) -> str:
    if "dense" not in weights:
        return ""
    share = round(100 * weights["dense"])
    return _("Weight of meaning %(dense)d%%, of words %(sparse)d%%") % {"dense": share, "sparse": 100 - share}


def _left_out(dropped: Mapping[str, int]) -> str:
    words = {
        "database": _("no longer there, switched off or not in force: %(count)d"),
        "candidates": _("beyond the candidates: %(count)d"),
        "duplicate": _("says the same as another: %(count)d"),
        "document_cap": _("more of the same document: %(count)d"),
        "limit": _("below the passages read: %(count)d"),
    }
    parts = [words[name] % {"count": count} for name, count in dropped.items() if count and name in words]
    return _("Left out: %(parts)s") % {"parts": " · ".join(parts)} if parts else ""
