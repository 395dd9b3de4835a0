"""The scripts of the Ask page in a real browser, without a server: streams, calm updates, evidence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: chromium")]
ORIGIN = "http://askive.test"
PAGE = """<!doctype html><html lang="en"><body>
<script type="application/json" id="strings">{"partial": "Partly.", "unsupported": "Not found."}</script>
<article class="answer"><div data-answer></div><script type="application/json">{}</script></article></body></html>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    tab = browser.new_page()
    tab.set_default_timeout(60_000)
    folder = Path(settings.BASE_DIR) / "static" / "js"

    def serve(route: Any) -> None:
        name = route.request.url.rpartition("/")[2]
        if name.endswith(".js"):
            route.fulfill(body=(folder / name).read_text(), content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    tab.route("**/*", serve)
    tab.goto(f"{ORIGIN}/")
    yield tab
    tab.close()


def test_events_are_read_whole_however_they_are_cut(page: Any):
    events = page.evaluate(
        """async () => {
          const { readEvents } = await import("/chat-stream.js");
          const bytes = new TextEncoder().encode(
            ': beat\\n\\nevent: delta\\r\\ndata: {"text":"住宿"}\\r\\n\\r\\nevent: done\\ndata: {"n":\\ndata: 1}\\n\\n');
          const body = new ReadableStream({ start(to) {
            for (const byte of bytes) to.enqueue(new Uint8Array([byte]));
            to.close();
          } });
          const found = [];
          for await (const frame of readEvents(new Response(body))) found.push(frame);
          return found;
        }"""
    )
    assert events == [{"event": "delta", "data": {"text": "住宿"}}, {"event": "done", "data": {"n": 1}}]


def test_only_blocks_that_changed_are_replaced(page: Any):
    kept, text = page.evaluate(
        """async () => {
          const { morph } = await import("/chat-morph.js");
          const target = document.querySelector("[data-answer]");
          morph(target, "<p>One.</p><ol><li>a</li><li>b</li></ol><p>gone</p>");
          const [first, item] = [target.children[0], target.querySelector("li")];
          morph(target, "<p>One.</p><ol><li>a</li><li>bc</li><li>d</li></ol>");
          return [first === target.children[0] && item === target.querySelector("li"), target.innerHTML];
        }"""
    )
    assert kept is True
    assert text == "<p>One.</p><ol><li>a</li><li>bc</li><li>d</li></ol>"


@pytest.mark.parametrize(
    ("html", "sentence", "marked"),
    [
        ("<p>A. At most <strong>380</strong> yuan<a class='cite' data-number='1'>1</a>. B.</p>", "At most **380** yuan[1].", ["At most ", "380", " yuan", "."]),
        ("<p>财务三天内打款。</p>", "财务三天内打款。", ["财务三天内打款。"]),
        ("<p>Nothing alike.</p>", "Quite different.", []),
    ],
)  # fmt: skip
def test_the_sentence_of_a_check_is_underlined_wherever_its_words_stand(
    page: Any, html: str, sentence: str, marked: list[str]
):
    found = page.evaluate(
        """async ([html, sentence]) => {
          const { markEvidence } = await import("/chat-evidence.js");
          const answer = document.querySelector(".answer");
          answer.querySelector("[data-answer]").innerHTML = html;
          answer.querySelector("script").textContent = JSON.stringify({ checks: [
            { sentence, verdict: "partial", numbers: [] }, { sentence: "Nothing", verdict: "supported", numbers: [] }] });
          markEvidence(answer);
          return [...answer.querySelectorAll(".evidence")].map((span) => [span.textContent, span.title]);
        }""",
        [html, sentence],
    )
    assert found == [[words, "Partly."] for words in marked]


def test_a_failed_call_says_what_the_server_said(page: Any):
    page.route(
        "**/api/refused",
        lambda route: route.fulfill(
            status=422, content_type="application/problem+json", body='{"detail": "Enter a question."}'
        ),
    )
    said = page.evaluate(
        """async () => {
          const { call } = await import("/api.js");
          return call("/api/refused", { method: "POST", json: {} }).catch(({ name, status, message }) => [name, status, message]);
        }"""
    )
    assert said == ["ApiError", 422, "Enter a question."]
