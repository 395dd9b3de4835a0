"""Sentences of the models page, its scripts and its tests of endpoints."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.core.models import Job


def model_fault(code: str) -> str:
    """What a test of an endpoint found wrong, and what to do."""
    return {
        "model_unavailable": _("Nothing answers there. Check the address and that the server runs."),
        "model_timeout": _("It did not answer in time. Check the address and that the server runs."),
        "model_auth": _("The server refused the key. Enter it again."),
        "model_not_found": _("There is no model list at this address. It usually ends in /v1."),
        "model_busy": _("The server is busy. Try again in a moment."),
    }.get(code, _("What answers there does not speak OpenAI's protocol. The address usually ends in /v1."))


def work_words(job: Job) -> str:
    """What a job is about, and how far it is."""
    name = job.detail.get("name", "")
    doing = {
        "pull": _("Loading %(name)s") % {"name": name},
        "use": _("Taking %(name)s into use") % {"name": name},
        "undo": _("Going back to the model before"),
    }[job.detail["action"]]
    stages = {
        "trial": _("a trial"),
        "questions": _("asking the known questions"),
        "index": _("indexing the documents anew"),
    }
    stage = stages.get(job.stage, "")
    return f"{doing} · {stage}" if stage else doing


def page_strings() -> dict[str, str]:
    return {
        "cancel": _("Cancel"),
        "save": _("Save"),
        "required": _("Fill this in."),
        "saved": _("Saved"),
        "testing": _("Asking …"),
        "test_found": _("It answers in {ms} ms. Models: {models}"),
        "test_none": _("It answers in {ms} ms, but lists no chat model. Enter one by its name."),
        "edit_heading": _("Change {name}"),
        "add_heading": _("Add a provider"),
        "delete_heading": _("Remove {name}?"),
        "delete_text": _("Its models can no longer be chosen. Its key is deleted."),
        "delete": _("Remove"),
        "deleted": _("{name} is removed."),
        "use_heading": _("Take {name} into use?"),
        "use_text": _(
            "The documents are indexed anew beside the present index; searches go on meanwhile. You can go back afterwards."
        ),
        "use_reranker_text": _("It acts from the next search on. You can go back afterwards."),
        "undo_text": _("The former index is brought up to date first; searches go on meanwhile."),
        "undo_reranker_text": _("It acts from the next search on."),
        "use": _("Take into use"),
        "pull_heading": _("Load {name}?"),
        "pull_text": _("It is loaded from {hub}: {size} MB. What was loaded is kept if it breaks off."),
        "pull": _("Load"),
        "undo_heading": _("Back to the model before?"),
        "undo": _("Go back"),
        "started": _("It has begun."),
        "cancelled": _("It is being cancelled."),
    }
