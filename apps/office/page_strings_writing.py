"""Sentences that the scripts of notices and forms say."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.office.forms.fields import CONTROLS
from apps.office.notices.fields import FIELDS


def notice_strings() -> dict[str, str]:
    return {
        "cancel": _("Cancel"),
        "delete": _("Delete"),
        "required": _("Fill this in."),
        "drafting": _("Drafting …"),
        "writing": _("{name} is writing …"),
        "cut_off": _("The connection was lost. The draft by template is kept; try again."),
        "again": _("Draft again"),
        "by_template": _("Drafted from the template"),
        "by_model": _("Written by {name}, facts checked"),
        "kept": _("Saved"),
        "from": _("From: {sources}"),
        "comma": _(", "),
        "source_fact": _("what you said under “{name}”"),
        "source_phrase": _("a set phrase of this kind"),
        "source_model": _("the chat model"),
        "source_rule": _("a rule"),
        "source_person": _("written by hand"),
        "fact_name": _("Name of the fact"),
        "fact_remove": _("Remove “{name}”"),
        "reader_test": _("Reader test"),
        "reader_missing": _("The paper does not say."),
        "self_check": _("Proofreading"),
        "no_findings": _("Nothing found."),
        "precedents": _("Earlier documents used"),
        "delete_notice": _("Delete this notice?"),
        "delete_notice_text": _("The draft is removed for good."),
    }


def fact_labels() -> dict[str, dict[str, object]]:
    """By the name of the field: its label, its question, and all it is called in documents."""
    return {
        field.name: {
            "label": str(field.label),
            "question": str(field.question),
            "names": [field.word, *field.aliases],
        }
        for field in FIELDS
    }


def form_strings() -> dict[str, str]:
    return {
        "cancel": _("Cancel"),
        "delete": _("Delete"),
        "required": _("Fill this in."),
        "built": _("Built"),
        "saved": _("Saved"),
        "missing": _("Still missing"),
        "new_field": _("New field"),
        "title": _("Title"),
        "control": _("Control"),
        "options": _("Options, with commas"),
        "columns": _("Columns, with commas"),
        "must": _("Required"),
        "up": _("Move “{name}” up"),
        "down": _("Move “{name}” down"),
        "field_remove": _("Remove “{name}”"),
        "end": _("End"),
        "row": _("Add a row"),
        "try": _("Check what I filled in"),
        "fits": _("It fits."),
        "does_not_fit": _("Some of it does not fit."),
        "delete_form": _("Delete this form?"),
        "delete_form_text": _("The form is removed for good. What people filled in elsewhere stays there."),
    }


def controls() -> list[dict[str, str]]:
    labels = {
        "Text": _("Text"),
        "Textarea": _("Long text"),
        "Number": _("Number"),
        "Money": _("Money"),
        "Date": _("Date"),
        "DateRange": _("Period"),
        "Selector": _("Choice"),
        "Contact": _("Person, unit"),
        "File": _("File"),
        "Table": _("Table"),
        "Location": _("Location"),
        "PhoneNumber": _("Telephone"),
        "BankAccount": _("Bank account"),
        "RelatedApproval": _("Related approval"),
        "Tips": _("Remark"),
    }
    return [{"name": name, "label": labels[name]} for name in CONTROLS]
