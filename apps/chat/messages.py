"""What each end of an answer that is not complete says: what happened and what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SENTENCES = {
    "stopped": gettext_noop("You stopped this answer."),
    "deactivated": gettext_noop("Your account was deactivated while the answer was being written."),
    "left": gettext_noop("The page was closed before the answer was complete."),
    "model_unavailable": gettext_noop("The model's server cannot be reached. Try again; if it stays so, tell an administrator."),
    "model_timeout": gettext_noop("The model did not answer in time. Try again, or choose another model."),
    "model_interrupted": gettext_noop("The connection to the model broke off, so the answer is not complete. Try again."),
    "model_bad_answer": gettext_noop("The model's server answered with something that is not an answer. An administrator should check its address."),
    "model_empty": gettext_noop("The model answered nothing. Ask again, or put the question in other words."),
    "model_auth": gettext_noop("The model's server refused our key. An administrator should check it."),
    "model_not_found": gettext_noop("The server does not have this model. Choose another."),
    "model_busy": gettext_noop("The model is busy with others. Try again in a moment."),
    "model_context": gettext_noop("The question with its sources is too long for this model. Ask more briefly, or in a new conversation."),
    "model_endless": gettext_noop("The model did not come to an end, so it was stopped. Try again."),
    "store_unavailable": gettext_noop("The search cannot be reached at the moment. Try again; if it stays so, tell an administrator."),
    "store_timeout": gettext_noop("The search did not answer in time. Try again."),
    "internal": gettext_noop("Something went wrong in this program. It was logged; try again, and tell an administrator if it stays."),
}  # fmt: skip


def sentence(code: str) -> str:
    return _(SENTENCES.get(code, SENTENCES["internal"]))
