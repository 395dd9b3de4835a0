"""The tools of writing in a real browser: a notice, a form, a webhook, an accepted correction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.office.forms.models import OfficeForm
from apps.office.notices.models import Notice
from apps.office.webhooks.models import Webhook
from tests.browsing import Site, browser, marks, opened  # noqa: F401 - a fixture

pytestmark = [*marks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Any, people: Any, hints: Any, rag: Any) -> Iterator[Callable[[str], Any]]:  # noqa: F811
    """Opens an address as alice; whatever a script complains about, and whatever the site could not do, fails the test."""
    site, tabs = Site(people.alice), []

    def go(path: str) -> Any:
        tabs.append(opened(browser, site, path))
        return tabs[-1]

    yield go
    errors = [error for tab in tabs for error in tab.errors]
    for tab in tabs:
        tab.close()
    assert (errors, site.faults) == ([], [])


def test_a_notice_is_drafted_asked_about_and_drafted_again(page):
    tab = page("/writing/notices/")
    tab.get_by_label("What is it about?").fill("召开安全生产工作会议")
    tab.get_by_label("Issued by").fill("云岭集团")
    tab.get_by_role("button", name="Draft", exact=True).click()
    tab.locator("#gaps").get_by_text("Still missing").wait_for()
    paper = tab.locator("#paper")
    assert "云岭集团关于召开安全生产工作会议的通知" in re.sub(r"\s", "", paper.inner_text())
    gaps = tab.locator("#gap-list textarea, #gap-list input")
    before = gaps.count()
    gaps.first.fill("2026年3月5日上午9:00")
    with tab.expect_response(re.compile(r"/api/v1/notices/[0-9a-f-]{36}$")):
        tab.locator("#draft").click()
    gaps.nth(before - 1).wait_for(state="detached")
    assert tab.url.endswith(f"/writing/notices/{Notice.objects.get().pk}/")
    assert tab.locator("#get-word").get_attribute("href") == f"/api/v1/notices/{Notice.objects.get().pk}.docx"


def test_a_form_is_built_from_a_template_and_tried_out(page):
    tab = page("/writing/forms/")
    tab.locator('[data-template="expense"]').click()
    tab.locator("#live .live-form").wait_for()
    form = OfficeForm.objects.get()
    assert tab.locator("#live h2").inner_text() == form.title
    tab.locator("#live .rows button").click()
    for row, kind in enumerate(("Meals", "Transport")):
        tab.locator("#live").get_by_label("Kind").nth(row).select_option(kind)
    with tab.expect_response(re.compile(r"/check$")) as checked:
        tab.locator("#live button[type=submit]").click()
    rows = checked.value.request.post_data_json["values"]["field_04"]
    assert [one["column_02"] for one in rows] == ["Meals", "Transport"]
    tab.locator("#live .error").first.wait_for()
    with tab.expect_response(re.compile(rf"/api/v1/forms/{form.pk}$")):
        tab.get_by_label("Title", exact=True).first.fill("年休假申请")
        tab.keyboard.press("Tab")
    form.refresh_from_db()
    assert form.title == "年休假申请"


def test_a_webhook_is_made_and_its_secret_shown_once(page, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = ["oa.example.org"]
    tab = page("/writing/webhooks/")
    tab.get_by_role("button", name="New webhook").click()
    tab.get_by_label("Address").fill("https://elsewhere.example.org/")
    tab.get_by_role("button", name="Create").click()
    tab.locator("#hook-form .error").first.wait_for()
    tab.get_by_label("Address").fill("https://oa.example.org/hook")
    tab.get_by_role("button", name="Create").click()
    tab.locator("#hook-secret[open]").wait_for()
    assert tab.locator("#secret-text").inner_text().startswith("whs_")
    tab.keyboard.press("Escape")
    assert tab.locator("#hook-secret[open]").count() == 1
    with tab.expect_navigation():
        tab.get_by_role("button", name="I have kept it").click()
    assert tab.get_by_role("heading", name="https://oa.example.org/hook").count() == 1
    assert "whs_" not in tab.content()
    with tab.expect_navigation():
        tab.get_by_role("button", name="Switch off").click()
    assert not Webhook.objects.get().enabled


def test_findings_are_decided_by_the_keyboard(page):
    tab = page("/writing/")
    tab.get_by_label("Text to proofread").fill("截止目前，工程峻工。")
    tab.keyboard.press("Control+Enter")
    tab.locator(".finding").nth(1).wait_for()
    tab.keyboard.press("a")
    tab.keyboard.press("j")
    tab.keyboard.press("a")
    tab.get_by_text("All findings are decided.").wait_for()
    assert tab.locator("#text").input_value() == "截至目前，工程竣工。"
