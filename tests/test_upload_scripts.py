"""The upload queue and tray in a real browser: three at once, folders kept, faults said and tried again."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: chromium")]
ORIGIN = "http://askive.test"
STRINGS = {
    "unsupported_file": "Not this kind.",
    "file_empty": "Empty.",
    "tray_done": "{count} sent",
    "tray_sending": "{done} of {count}",
    "tray_failed": "{count} sent, {failed} not",
    "upload_failed": "Failed",
}
PAGE = f"""<!doctype html><html lang="en"><body>
<script type="application/json" id="strings">{json.dumps(STRINGS)}</script>
<div id="cabinet-view"></div><section id="tray" hidden><h2 class="tray-title"></h2><ul class="tray-list"></ul></section>
</body></html>"""
START = """async () => {
  const { UploadQueue } = await import("/upload-queue.js");
  const { UploadTray } = await import("/upload-tray.js");
  window.queue = new UploadQueue({ extensions: ["txt"], maxBytes: 1000 });
  new UploadTray(document.getElementById("tray"), queue);
  window.most = 0;
  queue.addEventListener("change", () => {
    window.most = Math.max(most, queue.items.filter((item) => item.state === "sending").length);
  });
  window.give = (files) => queue.add(files.map(([name, text, path]) => ({ file: new File([text], name), path: path ?? "" })), "F");
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Server:
    """Answers uploads as it is told to; without a word it accepts. Keeps the bodies."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.faults: list[tuple[int, dict[str, str], str]] = []
        self.folder = Path(settings.BASE_DIR) / "static" / "js"

    def __call__(self, route: Any) -> None:
        request = route.request
        name = request.url.removeprefix(ORIGIN).partition("?")[0]
        if name == "/api/v1/documents":
            self.upload(route)
        elif name == "/documents/states/":
            keys = [part.partition("=")[2] for part in request.url.partition("?")[2].split("&")]
            items = [
                {"id": key, "state": "ready", "word": "Ready", "detail": "", "progress": None} for key in keys
            ]
            route.fulfill(json={"items": items})
        elif name.endswith(".js"):
            route.fulfill(body=(self.folder / name[1:]).read_text(), content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    def upload(self, route: Any) -> None:
        self.bodies.append(route.request.post_data_buffer.decode())
        if self.faults:
            status, headers, detail = self.faults.pop(0)
            route.fulfill(status=status, headers=headers, json={"detail": detail})
        else:
            route.fulfill(status=202, json={"items": [{"id": str(uuid.uuid4())}], "rejected": []})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    tab = browser.new_page()
    tab.set_default_timeout(60_000)
    tab.route("**/*", server)
    tab.goto(f"{ORIGIN}/cabinets/1/")
    tab.evaluate(START)
    yield tab
    tab.close()


def settled(page: Any) -> list[str]:
    page.wait_for_function("!queue.running")
    return page.evaluate("queue.items.map((item) => item.state)")


def test_no_more_than_three_are_sent_at_once_and_all_arrive(page, server):
    page.evaluate("give(Array.from({ length: 9 }, (_, at) => [`${at}.txt`, 'words']))")
    assert settled(page) == ["accepted"] * 9
    assert len(server.bodies) == 9
    assert page.evaluate("most") == 3
    assert page.inner_text(".tray-title") == "9 sent"


def test_the_folder_of_a_file_goes_with_it(page, server):
    page.evaluate("give([['a.txt', 'words', '制度/差旅']])")
    settled(page)
    assert 'name="path"' in server.bodies[0] and "制度/差旅" in server.bodies[0]
    assert 'name="folder_id"' in server.bodies[0]


def test_what_cannot_be_read_is_refused_before_it_is_sent(page, server):
    page.evaluate("give([['a.exe', 'words'], ['b.txt', ''], ['c.txt', 'words']])")
    assert settled(page) == ["failed", "failed", "accepted"]
    assert len(server.bodies) == 1
    assert page.locator(".tray-detail").all_inner_texts() == ["Not this kind.", "Empty."]
    assert page.locator("[data-do=retry]").count() == 0


def test_a_refusal_says_the_servers_sentence_and_is_not_offered_again(page, server):
    server.faults = [(415, {}, "This kind of file cannot be read.")]
    page.evaluate("give([['a.txt', 'words']])")
    assert settled(page) == ["failed"]
    assert page.inner_text(".tray-detail") == "This kind of file cannot be read."
    assert page.locator("[data-do=retry]").count() == 0


def test_a_fault_of_the_server_can_be_tried_again(page, server):
    server.faults = [(500, {}, "")]
    page.evaluate("give([['a.txt', 'words']])")
    assert settled(page) == ["failed"]
    page.click("[data-do=retry]")
    assert settled(page) == ["accepted"]


def test_a_busy_server_is_asked_again_after_the_time_it_named(page, server):
    server.faults = [(503, {"Retry-After": "1"}, "busy")]
    page.evaluate("give([['a.txt', 'words']])")
    assert settled(page) == ["accepted"]
    assert len(server.bodies) == 2


def test_an_accepted_file_is_followed_until_it_is_ready(page):
    page.evaluate("give([['a.txt', 'words']])")
    page.wait_for_selector(".tray-item .status[data-state=ready]")
    assert page.locator(".tray-item a").get_attribute("href").startswith("/documents/")
