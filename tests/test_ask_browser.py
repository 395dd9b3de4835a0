"""The Ask page as a person uses it, in a real browser on the real server: ask, watch the answer being written, stop,
answer anew, open a citation, ask in other words, share, take the conversation along; and compare models."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from tests.browsing import browser, marks  # noqa: F401 - a fixture
from tests.chatting import use_model, wait_until
from tests.fakes.openai_server import stats

pytestmark = [*marks, pytest.mark.django_db(transaction=True)]
QUESTION = "年休假有几天？"
PATIENT = {"connect_s": 5.0, "first_token_s": 15.0, "idle_s": 10.0, "total_s": 60.0}


@pytest.fixture
def open_as(browser: Any, live: str) -> Iterator[Any]:  # noqa: F811
    """Tabs of people who are signed in; no script of theirs may fail."""
    contexts: list[Any] = []
    errors: list[str] = []

    def run(user: Any, path: str) -> Any:
        client = Client()
        client.force_login(user)
        name = configured.SESSION_COOKIE_NAME
        context = browser.new_context(locale="en-US", accept_downloads=True)
        contexts.append(context)
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live}])
        tab = context.new_page()
        tab.set_default_timeout(30_000)
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(f"{live}{path}")
        return tab

    yield run
    for context in contexts:
        context.close()
    assert errors == []


def ask(page: Any, question: str) -> None:
    page.fill("#content", question)
    page.press("#content", "Enter")


def words(page: Any) -> str:
    """Of the last answer, as far as it is written."""
    return "".join(page.locator(".answer [data-answer]").all_inner_texts()[-1:])


def written(page: Any) -> None:
    """Until the saved answer stands in place of the streamed one."""
    page.wait_for_selector(".answer[data-status=complete]:last-of-type .sources")


def menu(page: Any, entry: str) -> None:
    page.hover(".history-item")
    page.click(".history-item > .button")
    page.click(entry)


def test_a_conversation_from_the_first_word_to_the_file(open_as, knowledge, model, settings, tmp_path: Path):
    use_model(settings, model, "stall")
    settings.LLM_TIMEOUTS = PATIENT
    page = open_as(knowledge.alice, "/")

    # Sent, and shown as it is written, by a model that pauses in the middle. Stopped: the model is let go at
    # once, and the words so far stay.
    ask(page, QUESTION)
    wait_until(lambda: len(words(page)) > 2)
    assert page.is_visible("#stop") and not page.is_visible("#send")
    page.click("#stop")
    page.wait_for_selector(".answer[data-status=interrupted] .notice")
    part = words(page)
    assert part and page.is_visible("#send") and "/c/" in page.url
    wait_until(lambda: stats(model).open == 0)

    # Asked anew of another model.
    page.click("#model-chip")
    page.check("#model-menu input[name=model][value=cite]")
    page.click(".answer .notice [data-action=regenerate]")
    written(page)
    whole = words(page)
    assert "年休假为五天" in whole and whole != part and page.inner_text(".question") == QUESTION

    # A citation opens beside the answer, and the address remembers it.
    page.click(".answer a.cite")
    assert "五天" in page.inner_text("#panel mark")
    page.keyboard.press("Escape")
    assert not page.is_visible("#panel")

    # The line is lost, the page loaded anew: everything is there.
    page.reload()
    assert words(page) == whole and page.inner_text("#model-label") == "cite"

    # In other words: a branch beside the first, which is kept.
    page.hover(".asked")
    page.click("[data-edit]")
    page.fill(".edit textarea", "住宿标准是多少？")
    page.click(".edit .primary")
    wait_until(lambda: page.inner_text(".question") == "住宿标准是多少？")
    written(page)
    page.click(".asked .siblings [data-show]:not([disabled]), .asked .siblings button:not([disabled])")
    wait_until(lambda: page.inner_text(".question") == QUESTION)

    # Shared with a colleague, who reads and cannot write.
    menu(page, "[data-history=share]")
    page.click("[data-share-act=create]")
    wait_until(lambda: page.input_value("#share-dialog input"))
    link = page.input_value("#share-dialog input")
    page.click("#share-dialog [data-dialog-close]")
    colleague = open_as(knowledge.bob, link[link.index("/", 8) :])
    assert QUESTION in colleague.inner_text("#turns") and "五天" in colleague.inner_text("#turns")
    assert colleague.query_selector("#composer") is None

    # Taken along.
    with page.expect_download() as download:
        menu(page, "a[data-href*=docx]")
    download.value.save_as(tmp_path / "conversation.docx")
    with zipfile.ZipFile(tmp_path / "conversation.docx") as archive:
        assert "五天" in archive.read("word/document.xml").decode()
        assert "年休假为五天" in archive.read("word/footnotes.xml").decode()


def test_models_are_compared_side_by_side_and_the_better_one_chosen(open_as, knowledge, model, settings):
    use_model(settings, model, "cite")
    settings.LLM_TIMEOUTS = PATIENT
    page = open_as(knowledge.alice, "/")
    page.click("#model-chip")
    page.click(".model-also summary")
    page.check("input[name=also][value=ok]")
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    page.wait_for_selector(".compared .answer[data-status=complete] >> nth=1")
    facts = [one.inner_text() for one in page.query_selector_all(".compared .answer-facts")]
    assert len(facts) == 2 and all("first word after" in fact and "tokens" in fact for fact in facts)
    page.click(".compared .answer >> nth=1 >> .choose")
    page.wait_for_selector(".compared", state="detached")
    assert len(page.query_selector_all(".answer")) == 1
