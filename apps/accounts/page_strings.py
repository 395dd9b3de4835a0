"""Sentences that the scripts of the profile and people pages say; {name} is filled in by the script."""

from __future__ import annotations

from django.utils.translation import gettext as _


def _forms() -> dict[str, str]:
    return {
        "cancel": _("Cancel"),
        "save": _("Save"),
        "required": _("Fill this in."),
        "saved": _("Saved"),
    }


def profile_strings() -> dict[str, str]:
    return {
        **_forms(),
        "password_changed": _("The password is changed. Other devices have been signed out."),
        "password_differs": _("The two new passwords differ."),
        "revoke_key": _("Revoke the key “{name}”?"),
        "revoke_key_text": _(
            "Programs that use it are refused from the next call on. It cannot be brought back."
        ),
        "renew_key": _("Renew the key “{name}”?"),
        "renew_key_text": _(
            "It gets a new secret. The one of now works for 24 hours more, so that programs can be changed one by one."
        ),
        "renew": _("Renew"),
        "revoke": _("Revoke"),
        "revoked": _("The key is revoked."),
        "choose_scope": _("Choose at least one thing that the key may do."),
    }


def organisation_strings() -> dict[str, str]:
    return {
        **_forms(),
        "department_heading": _("Change {name}"),
        "delete": _("Delete"),
        "delete_heading": _("Delete {name}?"),
        "delete_department_text": _(
            "Its people stay. What was granted to the department is no longer granted."
        ),
        "delete_group_text": _("Its people stay. What was granted to the group is no longer granted."),
    }


def people_strings() -> dict[str, str]:
    return {
        **_forms(),
        "person_added": _("{name} can sign in now."),
        "deactivate": _("Deactivate"),
        "deactivate_heading": _("Deactivate {name}?"),
        "deactivate_text": _(
            "They are signed out with the next click and their keys stop working. Their documents stay, and you can activate them again."
        ),
        "password_set": _("The new password of {name} works from now on."),
        "edit_heading": _("Change {name}"),
        "password_heading": _("New password for {name}"),
    }
