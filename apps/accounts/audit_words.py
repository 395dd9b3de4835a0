"""What the audit trail's actions are called on a page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.accounts.models import AuditEvent


def action_words() -> dict[str, str]:
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
        "key.create": _("made an API key"),
        "key.revoke": _("revoked an API key"),
        "audit.export": _("took out the audit trail"),
    }


def words_of(event: AuditEvent) -> str:
    return action_words().get(event.action, event.action)
