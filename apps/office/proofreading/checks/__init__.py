"""Checks that no pattern can make: pairs, order, calendars, sums, layout. Each is a function of a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apps.office.proofreading.checks import (
    attachments,
    consistency,
    dates,
    headings,
    knowledge,
    layout,
    pairing,
    persons,
    sums,
)
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Hit

Check = Callable[[Draft], Iterator[Hit]]
CHECKS: dict[str, Check] = {
    "pairing": pairing.pairs,
    "heading_stop": headings.heading_stop,
    "level_order": headings.level_order,
    "number_order": headings.number_order,
    "addressee": headings.addressee,
    "one_addressee": headings.one_addressee,
    "title_elements": headings.title_elements,
    "printing_date": headings.printing_date,
    "weekday": dates.weekday,
    "leap_day": dates.leap_day,
    "date_order": dates.date_order,
    "sums": sums.sums,
    "percentages": sums.percentages,
    "amount_words": sums.amount_words,
    "thousands": consistency.thousands,
    "same_quantity": consistency.same_quantity,
    "attachment_missing": attachments.missing,
    "attachment_titles": attachments.titles,
    "repealed": knowledge.repealed,
    "region": knowledge.region,
    "renamed_region": knowledge.renamed_region,
    "identity_digit": persons.identity_digit,
    "page_margins": layout.page_margins,
    "body_style": layout.body_style,
    "title_style": layout.title_style,
    "line_spacing": layout.line_spacing,
    "page_number": layout.page_number,
}
