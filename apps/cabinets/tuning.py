"""How a cabinet is searched: the settings of its managers, and what counts where several are searched.

The rule, for each parameter by itself: what the caller names counts; else, where all searched cabinets
say the same, that; else the product's default. So no cabinet decides how another one is searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.cabinets.models import Cabinet, Folder
from apps.cabinets.questions import TUNED
from apps.core.problems import invalid
from apps.rag.retrieval import MAX_LIMIT, RetrievalOptions
from apps.rag.types import SearchScope

MAX_CANDIDATES = 100
MODES = ("hybrid", "dense", "sparse")
NAMES = ("mode", "rerank", "candidates", "dense_weight", "limit")
OF_THE_CALLER = ("understand", "diversify", "explain")  # of one search, never of a cabinet


def default_settings() -> dict[str, Any]:
    standard = RetrievalOptions()
    return {name: getattr(standard, name) for name in NAMES}


def settings_of(cabinet: Cabinet) -> dict[str, Any]:
    """All parameters of a cabinet, the default where nothing was set."""
    return {**default_settings(), **_known(cabinet.retrieval)}


def options_for(scope: SearchScope, *, asked: Mapping[str, Any] | None = None) -> RetrievalOptions:
    """The options of a search within this scope, by the rule above."""
    tuned_ones = {key for (key,) in TUNED()}
    if not tuned_ones or (scope.cabinet_ids is not None and scope.cabinet_ids.isdisjoint(tuned_ones)):
        return make_options({**default_settings(), **(asked or {})})  # as nearly everywhere
    cabinets = _searched(scope).filter(personal=False)
    tuned = list(cabinets.exclude(retrieval={}).values_list("retrieval", flat=True)[:MAX_CANDIDATES])
    if tuned and (len(tuned) == MAX_CANDIDATES or cabinets.count() > len(tuned)):
        tuned.append({})  # among them is one with the defaults
    return make_options({**agreed(tuned), **(asked or {})})


def agreed(settings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The parameters on which all of these agree; the default where they do not."""
    every = [{**default_settings(), **_known(one)} for one in settings]
    if not every:
        return default_settings()
    standard = default_settings()
    return {
        name: every[0][name] if all(one[name] == every[0][name] for one in every) else standard[name]
        for name in NAMES
    }


def make_options(values: Mapping[str, Any]) -> RetrievalOptions:
    """Candidates are never fewer than the passages that are wanted."""
    known = _known(values)
    standard = RetrievalOptions()
    limit = min(known.pop("limit", standard.limit), MAX_LIMIT)
    candidates = min(max(known.pop("candidates", standard.candidates), limit), MAX_CANDIDATES)
    known |= {name: values[name] for name in OF_THE_CALLER if name in values}
    return replace(standard, limit=limit, candidates=candidates, **known)


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they are kept: only what differs from the defaults. Raises Problem 422."""
    if unknown := sorted(set(values) - set(NAMES)):
        raise invalid(unknown[0], _("There is no such setting."))
    merged = {**default_settings(), **values}
    if merged["mode"] not in MODES:
        raise invalid("mode", _("The mode is hybrid, dense or sparse."))
    if not 1 <= merged["limit"] <= MAX_LIMIT:
        raise invalid("limit", _("Between 1 and %(most)d passages.") % {"most": MAX_LIMIT})
    if not merged["limit"] <= merged["candidates"] <= MAX_CANDIDATES:
        raise invalid(
            "candidates", _("At least as many as passages, and at most %(most)d.") % {"most": MAX_CANDIDATES}
        )
    if not 0 <= merged["dense_weight"] <= 1:
        raise invalid("dense_weight", _("A share between 0 and 1."))
    standard = default_settings()
    return {name: value for name, value in merged.items() if value != standard[name]}


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in NAMES if name in values}


def _searched(scope: SearchScope) -> QuerySet[Cabinet]:
    if scope.cabinet_ids is not None:
        return Cabinet.objects.filter(pk__in=scope.cabinet_ids)
    if scope.folder_ids is not None:
        inside = Folder.objects.filter(pk__in=scope.folder_ids).values("cabinet")
        return Cabinet.objects.filter(Q(pk__in=inside) | Q(pk__in=scope.or_cabinet_ids))
    return Cabinet.objects.filter(documents__in=scope.document_ids or ()).distinct()
