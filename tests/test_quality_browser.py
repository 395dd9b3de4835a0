"""The bench, golden questions and feedback in a real browser, against the running application."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from apps.chat.models import Message
from apps.quality import running
from apps.quality.models import GoldenQuestion, GoldenRun
from tests.chatting import add_document
from tests.test_ask_page import cite, make_answer
from tests.test_cabinet_pages import page_of

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Playwright keeps an event loop in this thread, in which the database is asked all the same."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            yield chromium
            chromium.close()


@pytest.fixture
def tab(browser: Any, knowledge, live: str, monkeypatch) -> Iterator[Any]:
    """A tab in which alice is signed in; whatever its scripts complain about fails the test."""
    monkeypatch.setattr("apps.quality.hints.run_hint", lambda key: None)
    session = page_of(knowledge.alice).cookies["askive_session"].value
    context = browser.new_context(base_url=live, locale="en", extra_http_headers={"Accept-Language": "en"})
    context.add_cookies([{"name": "askive_session", "value": session, "url": live}])
    page = context.new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert complaints == []


def test_settings_are_tried_side_by_side_and_applied(tab: Any, knowledge):
    tab.goto("/search/bench/")
    tab.get_by_label("Question", exact=True).fill("年休假几天？")
    tab.keyboard.press("Enter")
    tab.get_by_text("in use").first.wait_for()
    assert tab.locator(".bench-row").count() == 2
    tab.get_by_role("button", name="A second set beside it").click()
    tab.locator("#b_mode").select_option("sparse")
    tab.locator("#b_limit").fill("1")
    tab.get_by_role("button", name="Try").click()
    second = tab.get_by_role("region", name="Result B")
    assert second.locator(".bench-row").count() == 1
    with tab.expect_navigation():
        second.get_by_role("button", name="Apply to the cabinet").click()
    knowledge.cabinet.refresh_from_db()
    assert knowledge.cabinet.retrieval == {"mode": "sparse", "limit": 1}
    assert second.get_by_text("in use").count() == 1


def test_a_question_is_written_run_and_looked_at(tab: Any, knowledge):
    tab.goto("/search/golden/")
    tab.get_by_role("link", name="Add a question").click()
    tab.get_by_role("button", name="Save").click()
    tab.locator(".form-error, .field > .error").first.wait_for()
    tab.get_by_label("Question", exact=True).fill("工作满十年的年休假几天？")
    tab.get_by_label("Documents that answer it").fill("休假.txt")
    tab.keyboard.press("Enter")
    assert tab.locator("#g-chosen li").count() == 1
    tab.get_by_label("Words that the answer must hold (optional)").fill("十天")
    with tab.expect_navigation():
        tab.get_by_role("button", name="Save").click()
    question = GoldenQuestion.objects.get()
    assert (question.words, [target.name for target in question.targets.all()]) == (["十天"], ["休假.txt"])
    tab.get_by_role("button", name="Run all").first.click()
    tab.get_by_label("What is being tried (optional)").fill("first")
    with tab.expect_navigation():
        tab.get_by_role("dialog").get_by_role("button", name="Run all").click()
    tab.get_by_text("The run waits for a worker").wait_for()
    with ThreadPoolExecutor(1) as worker:  # as a worker does, without an event loop
        assert worker.submit(running.run_do, GoldenRun.objects.get().pk).result(60)
    tab.get_by_role("heading", name="Last run").wait_for()
    tab.get_by_role("link", name=re.compile("first")).first.click()
    tab.get_by_text("工作满十年的年休假几天？").click()
    assert tab.get_by_role("link", name="1. 休假").is_visible()


def test_a_file_of_questions_is_taken_and_bad_rows_are_told(tab: Any, knowledge):
    tab.goto("/search/golden/")
    rows = "question,documents\n年假几天？,休假.txt\n？,休假.txt\n"
    file = {"name": "q.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    tab.locator("#golden-file").set_input_files(file)
    dialog = tab.get_by_role("dialog")
    dialog.get_by_text("Line 3").wait_for()
    with tab.expect_navigation():
        dialog.get_by_role("button", name="Close").click()
    tab.get_by_role("link", name="年假几天？").wait_for()


def test_why_it_was_not_found_is_asked_by_keyboard(tab: Any, knowledge):
    tab.goto("/search/why/?find=差旅")
    tab.get_by_role("link", name="差旅").click()
    tab.get_by_label("For whom").fill("charlie")
    tab.get_by_label("Question", exact=True).fill("住宿标准")
    tab.keyboard.press("Enter")
    tab.get_by_text("Charlie has no right to read this document.").wait_for()
    assert tab.get_by_text("It is not found").is_visible()


def test_a_good_answer_is_kept_and_a_bad_one_gets_a_reason(tab: Any, knowledge):
    answer = make_answer(knowledge.alice)
    cite(answer, add_document(knowledge.alice, knowledge.root_folder, "hotel.txt", "At most 380 yuan."))
    tab.goto(f"/c/{answer.conversation_id}/")
    keep = tab.get_by_role("button", name="Keep as a golden question")
    assert not keep.is_visible()
    tab.get_by_role("button", name="Good answer").click()
    keep.click()
    tab.get_by_role("button", name="Edit", exact=True).wait_for()
    kept = GoldenQuestion.objects.get()
    assert (kept.question, kept.origin) == ("What may a hotel cost?", "answer")
    tab.get_by_role("button", name="Bad answer").click()
    tab.locator(".reason", has_text="Out of date").click()
    tab.get_by_placeholder("What was wrong? (optional)").fill("It is 400 now.")
    with tab.expect_response(lambda response: "outdated" in (response.request.post_data or "")):
        tab.locator("[data-feedback]").get_by_role("button", name="Send").click()
    row = Message.objects.get(pk=answer.pk)
    assert (row.rating, row.reason, row.comment) == ("down", "outdated", "It is 400 now.")
