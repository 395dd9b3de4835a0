"""What the audit trail's actions are called on a page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.accounts.models import AuditEvent


def action_words() -> dict[str, str]:
    """By action; tests/test_audit_words.py finds one that the product writes and that is missing here."""
    return {**_of_documents(), **_of_people(), **_of_ways_in(), **_of_the_rest()}


def words_of(event: AuditEvent) -> str:
    return action_words().get(event.action, event.action)


def _of_documents() -> dict[str, str]:
    return {
        "document.read": _("opened the document"),
        "document.download": _("downloaded the original"),
        "document.upload": _("added the document"),
        "document.attach": _("an attachment was found"),
        "document.describe": _("changed the details"),
        "document.move": _("moved the document"),
        "document.secrecy": _("set the level of secrecy"),
        "document.version": _("added a version"),
        "document.requeue": _("had the document read again"),
        "document.cancel": _("cancelled the reading"),
        "document.delete": _("deleted the document"),
        "chunk.enable": _("switched a passage on"),
        "chunk.disable": _("switched a passage off"),
        "cabinet.create": _("made the cabinet"),
        "cabinet.update": _("changed the cabinet"),
        "cabinet.retrieval": _("changed how the cabinet is searched"),
        "cabinet.delete": _("deleted the cabinet"),
        "folder.create": _("made the folder"),
        "folder.rename": _("renamed the folder"),
        "folder.move": _("moved the folder"),
        "folder.delete": _("deleted the folder"),
        "folder.inherits": _("changed whether the folder inherits"),
        "grants.set": _("changed who may do what"),
        "grants.add": _("gave access"),
        "access.request": _("asked for access"),
        "access.approve": _("approved a request for access"),
        "access.refuse": _("refused a request for access"),
        "chunk.rewrite": _("corrected a passage"),
        "import.start": _("brought an archive in"),
    }


def _of_people() -> dict[str, str]:
    return {
        "user.create": _("added the person"),
        "user.activate": _("activated the person"),
        "user.deactivate": _("deactivated the person"),
        "user.role": _("changed the administrator role"),
        "user.rename": _("changed the display name"),
        "user.departments": _("changed the departments"),
        "user.teams": _("changed the groups"),
        "user.clearance": _("changed the clearance"),
        "user.password": _("set a password"),
        "user.view_as": _("looked with the eyes of"),
        "user.view_as_end": _("stopped looking with another's eyes"),
        "department.create": _("made the department"),
        "department.update": _("changed the department"),
        "department.heads": _("named the heads"),
        "department.delete": _("deleted the department"),
        "group.create": _("made the group"),
        "group.update": _("changed the group"),
        "group.delete": _("deleted the group"),
        "user.groups": _("changed the groups"),
        "user.import": _("took people over from a file"),
        "directory.sync": _("had the directory synchronised"),
        "identity.link": _("linked a sign-in from outside"),
    }


def _of_ways_in() -> dict[str, str]:
    return {
        "key.create": _("made an API key"),
        "key.revoke": _("revoked an API key"),
        "key.rotate": _("renewed an API key"),
        "quota.set": _("set limits"),
        "quota.delete": _("removed limits"),
        "sign_in.rule": _("changed for whom a second step is compulsory"),
        "two_step.on": _("turned the second step on"),
        "two_step.off": _("turned the second step off"),
        "two_step.codes": _("made new recovery codes"),
        "two_step.recovery": _("signed in with a recovery code"),
    }


def _of_the_rest() -> dict[str, str]:
    return {
        "audit.export": _("took out the audit trail"),
        "assistant.create": _("made the assistant"),
        "assistant.update": _("changed the assistant"),
        "assistant.delete": _("deleted the assistant"),
        "provider.create": _("added the model service"),
        "provider.update": _("changed the model service"),
        "provider.delete": _("removed the model service"),
        "model.pull.start": _("began to load a model"),
        "model.use.start": _("began to change the model"),
        "model.pull": _("loaded a model"),
        "model.add": _("carried a model in"),
        "model.remove": _("removed a model"),
        "model.use": _("changed the model"),
        "model.undo": _("went back to the model before"),
        "golden.create": _("added a golden question"),
        "golden.update": _("changed a golden question"),
        "golden.delete": _("deleted a golden question"),
        "golden.run": _("began a run of golden questions"),
        "golden.cancel": _("stopped a run of golden questions"),
        "golden.run_delete": _("deleted a run of golden questions"),
        "share.create": _("shared a conversation"),
        "share.extend": _("shared more of a conversation"),
        "share.open": _("opened a shared conversation"),
        "share.revoke": _("stopped sharing a conversation"),
        "dictionary.set": _("changed a proofreading dictionary"),
        "proofreader.train": _("trained the proofreader"),
        "proofreader.erase": _("erased what the proofreader learned"),
        "webhook.create": _("added a webhook"),
        "webhook.update": _("changed a webhook"),
        "webhook.delete": _("deleted a webhook"),
        "queue.retry_failed": _("had failed documents read again"),
        "examination.request": _("had the data checked"),
    }
