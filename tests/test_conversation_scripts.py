"""Conversations in a real browser: folders, pins, archive, sharing, chips of the scope, attachments, the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.assistants.models import Assistant
from apps.cabinets.models import Document
from apps.chat.models import Conversation, ConversationFolder, Report, Share
from tests.browsing import Site, browser, marks, opened  # noqa: F401 - a fixture
from tests.factories import People
from tests.test_ask_page import cite, make_answer, make_document

pytestmark = [*marks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(browser: Any, people: People, hints: Any) -> Iterator[Any]:  # noqa: F811
    tabs: list[Any] = []

    def run(path: str) -> Any:
        site = Site(people.alice)
        tab = opened(browser, site, path)
        tabs.append((tab, site))
        return tab

    yield run
    faults = [(tab.errors, site.faults) for tab, site in tabs]
    for tab, _site in tabs:
        tab.close()
    assert faults == [([], [])] * len(tabs)


@pytest.fixture
def talk(people: People) -> Conversation:
    answer = make_answer(people.alice, model="")
    cite(answer, make_document(people.cabinet, "Travel"))
    return answer.conversation


def menu(page: Any, entry: str) -> None:
    page.hover(".history-item")
    page.click(".history-item > .button")
    page.click(f"[data-history={entry}]")


def test_a_conversation_is_pinned_filed_and_archived_with_undo(open_page, talk):
    page = open_page("/")
    menu(page, "pin")
    page.wait_for_selector(".list-group:has-text('Pinned')")
    menu(page, "move")
    page.fill("#folder-name", "Trips")
    page.click("#folder-dialog .button.primary")
    page.wait_for_selector(".folder-item:has-text('Trips')")
    page.click(".folder-item:has-text('Trips')")
    page.wait_for_selector(".list-place:has-text('Trips')")
    menu(page, "archive")
    page.wait_for_selector(".history-empty")
    page.click(".toast button:has-text('Undo')")
    page.wait_for_selector(".history-item")
    talk.refresh_from_db()
    assert talk.archived_at is None and talk.folder == ConversationFolder.objects.get(name="Trips")


def test_the_list_is_searched_while_typing(open_page, talk):
    page = open_page("/")
    page.fill("#history-search", "nothing like it")
    page.wait_for_selector(".history-empty:has-text('No question or answer of yours')")
    page.fill("#history-search", "380 yuan")
    page.wait_for_selector(".history-snippet:has-text('380 yuan')")


def test_a_link_is_made_and_withdrawn(open_page, talk):
    page = open_page("/")
    menu(page, "share")
    page.click("[data-share-act=create]")
    page.wait_for_selector("#share-dialog input:visible")
    share = Share.objects.get()
    assert page.input_value("#share-dialog input").endswith(f"/s/{share.token}/")
    page.click("[data-share-act=revoke]")
    page.wait_for_selector("[data-share-act=create]:visible")
    share.refresh_from_db()
    assert share.revoked_at
    other = open_page(f"/c/{talk.pk}/print/")
    assert "380 yuan" in other.inner_text("main")


def test_a_mention_becomes_a_chip_and_goes_again(open_page, talk, people: People):
    page = open_page("/")
    page.type("#content", "What does @Trav")
    page.wait_for_selector("#mention-menu [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".scope-chip:has-text('Travel')")
    assert page.input_value("#content").strip() == "What does"
    assert page.inner_text("#scope-label") == "Chosen places"
    page.click(".scope-chip button")
    page.wait_for_selector(".scope-chip", state="detached")
    assert page.inner_text("#scope-label") == "All cabinets"


def test_a_place_is_found_in_the_menu_and_a_day_is_a_chip(open_page, talk):
    page = open_page("/")
    page.click("#scope-chip")
    page.fill("#place-search", "trav")
    page.click(".place-item:has-text('Travel')")
    page.wait_for_selector(".scope-chip:has-text('Travel')")
    if not page.is_visible("#as-of"):  # choosing a place may have closed the menu
        page.click("#scope-chip")
    page.fill("#as-of", "2026-01-05")
    page.keyboard.press("Escape")
    assert page.locator(".scope-chip").count() == 2
    assert "2026-01-05" in page.inner_text("#scope-chips")


def test_a_file_is_attached_waited_for_and_removed(open_page, people: People):
    page = open_page("/")
    file = {"name": "offer.txt", "mimeType": "text/plain", "buffer": b"The offer is 777 yuan."}
    page.set_input_files("#attach-files", file)
    page.wait_for_selector(".scope-chip[data-state=reading]:has-text('offer.txt')")
    page.fill("#content", "How much?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast:has-text('still being read')")
    assert page.input_value("#content") == "How much?"
    conversation = Conversation.objects.get()
    assert page.url.endswith(f"/c/{conversation.pk}/") and conversation.attachments.personal
    page.click(".scope-chip button")
    page.wait_for_selector(".scope-chip", state="detached")
    page.wait_for_timeout(200)
    assert Document.objects.get().status == "deleting"


def test_a_pasted_text_too_long_for_a_question_becomes_a_file(open_page, people: People):
    page = open_page("/")
    page.fill("#content", "What does it say?")
    page.evaluate(
        """() => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "长".repeat(100000));
          document.getElementById("content").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }"""
    )
    page.wait_for_selector(".scope-chip[data-state=reading]:has-text('Pasted text.txt')")
    assert "8,000" in page.inner_text("#toasts") and page.input_value("#content") == "What does it say?"
    document = Document.objects.get()
    assert document.filename == "Pasted text.txt" and document.size == 300_000


def test_an_answer_is_kept_as_a_document(open_page, talk):
    page = open_page(f"/c/{talk.pk}/")
    page.click("[data-action=save]")
    page.wait_for_selector("#save-dialog[open]")
    assert "380 yuan" in page.input_value("#save-text")
    page.fill("#save-name", "Hotel limit")
    page.click("#save-dialog .button.primary")
    page.wait_for_selector(".toast:has-text('Saved')")
    assert Document.objects.get(title="Hotel limit").metadata["reviewed_by"] == "alice"


def test_an_assistant_is_made_by_the_form_and_brings_its_questions(open_page, people: People):
    page = open_page("/assistants/new/")
    page.fill("#a-name", "Travel desk")
    page.fill("#a-role", "You are brief.")
    page.fill("#p-temperature", "0.3")
    page.fill("#a-questions", "What may a hotel cost?\n")
    page.fill(".example input", "Which class?")
    page.fill(".example textarea", "Second.")
    page.click("form .button.primary")
    page.wait_for_selector(".assistant-list")
    made = Assistant.objects.get()
    assert made.parameters == {"temperature": 0.3} and made.examples == [
        {"question": "Which class?", "answer": "Second."}
    ]
    page.goto(f"http://testserver/?assistant={made.pk}")
    assert page.inner_text("#assistant-label") == "Travel desk"
    assert page.locator("[data-suggestion]:has-text('What may a hotel cost?')").count() == 1


def test_the_inbox_is_answered_with_a_document(open_page, people: People):
    report = Report.objects.create(kind="unanswered", question="Who signs?")
    report.cabinets.add(people.cabinet)
    page = open_page("/inbox/")
    page.click("[data-inbox=answer]")
    page.fill("#answer-text", "The head of the department.")
    page.click("#answer-dialog .button.primary")
    page.wait_for_selector(".toast:has-text('Added to the cabinet')")
    report.refresh_from_db()
    assert report.done_at and Document.objects.get().title.startswith("Who signs")


def test_a_question_mark_lists_the_keys_and_a_slash_goes_to_the_question(open_page, people: People):
    page = open_page("/")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.wait_for_selector("#shortcuts[open]")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "content"
