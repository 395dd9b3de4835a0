"""Correcting a document on its page: words changed, looked back at and put back, a passage switched off, other settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.cabinets.models import Document
from tests.browsing import Site, browser, marks, opened  # noqa: F401 - a fixture
from tests.factories import ingest, upload

pytestmark = [*marks, pytest.mark.django_db(transaction=True)]
FIRST, SECOND = "The limit is five hundred yuan.", "The limit is six hundred yuan."


@pytest.fixture
def document(people, hints, rag) -> Document:
    text = f"# Rules\n\n{FIRST}\n\n## Leave\n\nAnnual leave is five days."
    return ingest(upload(people.alice, people.root_folder, "rules.md", text))


@pytest.fixture
def page(browser, people, document) -> Iterator[Any]:  # noqa: F811
    site = Site(people.alice)
    tab = opened(browser, site, f"/documents/{document.pk}/")
    yield tab
    faults = (tab.errors, site.faults)
    tab.close()
    assert faults == ([], [])


def first_chunk(document: Document):
    return document.chunks.get(index=0)


def correct(page: Any, text: str) -> None:
    page.click(".passage:first-of-type .passage-pen")
    page.fill(".passage-edit textarea", text)
    page.click(".passage-edit .button.primary")
    page.wait_for_selector(".passage-edit", state="detached")


def test_a_passage_is_corrected_in_place(page, document):
    page.click(".passage:first-of-type .passage-pen")
    assert page.input_value(".passage-edit textarea") == FIRST
    assert page.locator(".passage-edit details").count() == 0, "nothing was said before"
    page.fill(".passage-edit textarea", SECOND)
    page.click(".passage-edit .button.primary")
    page.wait_for_selector(".passage-edit", state="detached")
    assert page.inner_text(".passage:first-of-type .passage-text") == SECOND
    assert first_chunk(document).text == SECOND


def test_what_it_said_before_is_shown_and_put_back(page, document):
    correct(page, SECOND)
    page.click(".passage:first-of-type .passage-pen")
    page.click(".passage-edit summary")
    assert page.inner_text(".revision-list pre") == FIRST
    page.click(".revision-list .button")
    assert page.input_value(".passage-edit textarea") == FIRST
    page.click(".passage-edit .button.primary")
    page.wait_for_selector(".passage-edit", state="detached")
    assert first_chunk(document).text == FIRST
    assert first_chunk(document).revisions.count() == 2


def test_escape_leaves_everything_as_it_was(page, document):
    page.click(".passage:first-of-type .passage-pen")
    page.fill(".passage-edit textarea", SECOND)
    page.press(".passage-edit textarea", "Escape")
    assert page.locator(".passage-edit").count() == 0
    assert page.is_visible(".passage:first-of-type .passage-text") and first_chunk(document).text == FIRST


def test_a_refused_text_says_why_and_stays_to_be_corrected(page, document):
    page.click(".passage:first-of-type .passage-pen")
    page.fill(".passage-edit textarea", "—")
    page.click(".passage-edit .button.primary")
    page.wait_for_selector("text=A passage needs words")
    assert page.input_value(".passage-edit textarea") == "—" and first_chunk(document).text == FIRST
    assert page.is_enabled(".passage-edit .button.primary")


def test_a_passage_is_switched_off_and_on_again(page, document):
    switch = page.locator(".passage").first.locator("[data-chunk-switch]")
    with page.expect_response("**/api/v1/chunks/*") as answered:
        switch.dispatch_event("click")
    page.wait_for_selector(".passage.off")
    page.wait_for_selector(".toast")
    assert answered.value.ok and first_chunk(document).enabled is False
    with page.expect_response("**/api/v1/chunks/*") as answered:
        switch.dispatch_event("click")
    page.wait_for_selector(".passage.off", state="detached")
    assert answered.value.ok and first_chunk(document).enabled is True


def test_other_settings_are_tried_and_then_used(page, document, hints):
    page.click("[popovertarget=actions-menu]")
    page.click("[data-dialog-open=reading-options]")
    page.select_option("#chunk-units", "150")
    page.check("[name=keep_headers_footers]")
    page.click("[data-reading=preview]")
    page.wait_for_selector(".preview-list li")
    assert FIRST in page.inner_text(".preview-list")
    with page.expect_navigation():
        page.click("[data-reading=apply]")
    document.refresh_from_db()
    assert document.options == {"chunk_units": 150, "overlap_units": 15, "keep_headers_footers": True}
    assert document.status == "queued"
