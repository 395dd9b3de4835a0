"""What each gate says to a person, and what can be done. %(…)s are the facts of the gate."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from apps.cabinets.messages import sentence as fault
from apps.quality.missing import Gate

# code → (what is so, what can be done about it)
SAYINGS: dict[str, tuple[str, str]] = {
    "index_failed": (N_("The document could not be read."), N_("Open the document, look at the reason, and read it again.")),
    "index_queued": (N_("The document waits to be read."), N_("Wait until it is ready; its page says when.")),
    "index_processing": (N_("The document is being read for the first time."), N_("Wait until it is ready; its page says how far it is.")),
    "index_missing": (N_("The document has no searchable text."), N_("Read it again on its page.")),
    "index_empty": (N_("Nothing of the document is in the index."), N_("Read it again on its page, or ask an administrator to run the examination.")),
    "index_partial": (N_("Only %(points)s of %(rows)s passages are in the index."), N_("Read it again on its page.")),
    "index_earlier": (N_("It is searched as it was at the last good reading: %(points)s passages."), N_("A newer reading waits or failed; its page says which.")),
    "index_ready": (N_("It is read, and all %(points)s passages are in the index."), ""),
    "access_inactive": (N_("%(person)s may not sign in at the moment."), N_("An administrator can activate the account.")),
    "access_denied": (N_("%(person)s has no right to read this document."), N_("Add a role on the members page of the cabinet, or on its folder.")),
    "access_granted": (N_("%(person)s may read it."), ""),
    "validity_repealed": (N_("It was repealed on %(repealed)s and is left out of searches about today."), N_("Ask about a day on which it was in force, or correct its dates.")),
    "validity_superseded": (N_("It was replaced by a newer document on %(repealed)s and is left out of searches about today."), N_("Look into the newer document, or correct its dates.")),
    "validity_pending": (N_("It comes into force on %(effective)s and is left out of searches about today."), N_("Ask about a later day, or correct its dates.")),
    "validity_in_force": (N_("Its dates do not keep it out."), ""),
    "enabled_off": (N_("Passage %(number)s is switched off."), N_("Switch it on among the passages of the document.")),
    "enabled_old": (N_("This passage belongs to an earlier reading."), N_("Choose a passage of the document as it is now.")),
    "enabled_none": (N_("All %(total)s passages are switched off."), N_("Switch on those that should be found.")),
    "enabled_some": (N_("%(off)s of %(total)s passages are switched off."), N_("If the right one is among them, switch it on.")),
    "enabled_on": (N_("Passage %(number)s is switched on."), ""),
    "enabled_all": (N_("All %(total)s passages are switched on."), ""),
    "legs_none": (N_("Nothing was asked of the index: there is no word in the question, or nothing may be read here."), N_("Ask with words.")),
    "legs_beyond": (N_("More than %(depth)s passages fit the question better."), N_("Use words that the document uses, or add the words of the question to the passage.")),
    "legs_nothing": (N_("The document shares no word with the question."), N_("Use words that the document uses; a model that reads its language would also find paraphrases.")),
    "legs_found": (N_("It is found, at best on place %(rank)s of a leg."), ""),
    "candidates_beyond": (N_("It is on place %(rank)s, but only %(candidates)s candidates are looked at."), N_("More candidates would let it in; try that on the bench.")),
    "candidates_absent": (N_("It was not among the %(candidates)s candidates."), N_("More candidates, or another weight of the legs, may let it in; try that on the bench.")),
    "candidates_within": (N_("It is among the %(candidates)s candidates, on place %(rank)s."), ""),
    "rank_reranked": (N_("Before ranking it was on place %(fused)s; the ranking put it on place %(rank)s, below the %(limit)s that are read."), N_("Compare with and without ranking on the bench, or read more passages.")),
    "rank_below": (N_("It is on place %(rank)s, below the %(limit)s passages that are read."), N_("Read more passages, or ask more exactly.")),
    "rank_duplicate": (
        N_("It says the same as a passage of “%(like)s” on place %(at)s, so that one is shown alone."),
        N_("Nothing is lost. If this one is the right one, repeal or switch off the other."),
    ),
    "rank_document_cap": (
        N_("Other passages of the same document are shown already; the rest is left to other documents."),
        N_("Read more passages, or ask more exactly."),
    ),
    "rank_unknown": (N_("It did not come that far."), ""),
    "rank_found": (N_("It is found on place %(rank)s."), ""),
}  # fmt: skip


def gate_sentence(gate: Gate) -> str:
    said = _(SAYINGS[gate.code][0]) % {name: str(value) for name, value in gate.facts.items()}
    if gate.code == "index_failed" and gate.facts.get("error"):
        said = f"{said} {fault(str(gate.facts['error']))}"
    return said


def gate_advice(gate: Gate) -> str:
    advice = SAYINGS[gate.code][1]
    return _(advice) if advice else ""


def gate_name(name: str) -> str:
    names = {
        "index": _("Index"),
        "access": _("Rights"),
        "validity": _("Validity"),
        "enabled": _("Switched on"),
        "legs": _("Legs"),
        "candidates": _("Candidates"),
        "rank": _("Ranking"),
    }
    return names[name]


def leg_name(leg: str) -> str:
    names = {
        "sparse": _("Words"),
        "exact": _("References"),
        "dense": _("Meaning"),
        "fused": _("Together"),
        "rerank": _("Ranking"),
    }
    return names.get(leg, leg)


def option_name(name: str) -> str:
    names = {
        "mode": _("Mode"),
        "rerank": _("Ranking"),
        "candidates": _("Candidates"),
        "dense_weight": _("Weight of meaning"),
        "limit": _("Passages read"),
        "embedder": _("Embedding model"),
        "index": _("Index"),
        "reranker": _("Ranking model"),
        "model": _("Chat model"),
        "documents": _("Documents"),
        "passages": _("Passages"),
        "latest": _("Last reading"),
        "options": _("Search settings"),
        "questions": _("Questions"),
    }
    return names.get(name, name)
