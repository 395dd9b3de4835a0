"""A real browser on real pages without a port: what it asks goes to Django's test client, static files to the
finders. Work that a worker would do is done when a test says so.
"""

from __future__ import annotations

import mimetypes
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.contrib.staticfiles import finders
from django.db import connections
from django.test import Client
from django.urls import Resolver404, resolve

from apps.accounts.models import User

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ORIGIN = "http://testserver"
marks = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: chromium")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop in this thread
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            yield chromium
            chromium.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


class Site:
    """Answers the browser as one person; `work` is done before each question about a job."""

    def __init__(self, user: User, *, language: str = "en") -> None:
        self.client = Client(HTTP_ACCEPT_LANGUAGE=language, raise_request_exception=False)
        self.client.force_login(user)
        self.work: Callable[[], object] = lambda: None
        self.faults: list[str] = []
        # Each route is handled in a context of its own, where Django would open one more connection that nobody
        # closes: all of them are handled in this one, which has the test's connection.
        self.context = copy_context()

    def __call__(self, route: Any) -> None:
        request = route.request
        address = urlsplit(request.url)
        if address.path.startswith("/static/"):
            _static(route, address.path.removeprefix("/static/"))
            return
        if address.path.startswith("/api/v1/jobs/"):
            self.context.run(self.work)
        answer = self._ask(request, address)
        if answer.status_code >= 500:
            self.faults.append(f"{request.method} {address.path}: {answer.status_code}")
        body = _body(answer)
        kept = {name: value for name, value in answer.items() if name.lower() != "content-length"}
        route.fulfill(status=answer.status_code, headers=kept, body=body)

    def _ask(self, request: Any, address: SplitResult) -> Any:
        """An asynchronous view is asked in a thread of its own: in this one Playwright's loop runs. Tests that
        come by such a view need a database that is really written (transaction=True)."""
        asked = partial(
            self.client.generic,
            request.method,
            f"{address.path}?{address.query}" if address.query else address.path,
            request.post_data_buffer or b"",
            content_type=request.headers.get("content-type", "application/octet-stream"),
            headers={
                name: request.headers[name] for name in ("hx-request", "accept") if name in request.headers
            },
        )
        if not _asynchronous(address.path):
            return self.context.run(asked)
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(asked).result(30)
            thread.submit(connections.close_all).result(5)
        return answer


def _body(answer: Any) -> bytes:
    """Events of an asynchronous view to their end, in a thread of their own as the view itself."""
    if not answer.streaming or not answer.is_async:
        return b"".join(answer) if answer.streaming else answer.content

    async def whole() -> bytes:
        return b"".join([part async for part in answer])

    with ThreadPoolExecutor(1) as thread:
        body = thread.submit(async_to_sync(whole)).result(30)
        thread.submit(connections.close_all).result(5)
    return body


def _asynchronous(path: str) -> bool:
    try:
        return iscoroutinefunction(resolve(path).func)
    except Resolver404:
        return False


def _static(route: Any, name: str) -> None:
    found = _file(name)
    if found is None:
        route.fulfill(status=404, body="")
    else:
        route.fulfill(body=found, content_type=mimetypes.guess_type(name)[0] or "application/octet-stream")


@cache
def _file(name: str) -> bytes | None:
    """A page asks for dozens of them, each time anew: a browser whose requests are handled has no cache."""
    path = finders.find(name)
    return Path(str(path)).read_bytes() if path else None


def opened(browser: Any, site: Site, path: str) -> Any:
    """A tab on this address; the caller closes it."""
    tab = browser.new_page()
    tab.set_default_timeout(60_000)
    tab.errors = []
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.route("**/*", site)
    tab.goto(f"{ORIGIN}{path}")
    return tab
