"""The pages as people with a screen reader, a keyboard or weak eyes meet them: axe finds nothing serious."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browsing import Site, browser, marks, opened  # noqa: F401 - a fixture
from tests.factories import People
from tests.test_ask_page import cite, make_answer, make_document

pytestmark = [*marks, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SERIOUS = {"serious", "critical"}


@pytest.fixture
def addresses(people: People) -> dict[str, str]:
    """A page of each kind, with something on it."""
    document = make_document(people.cabinet, "Travel")
    answer = make_answer(people.root)
    cite(answer, document)
    return {
        "ask": "/",
        "conversation": f"/c/{answer.conversation_id}/",
        "cabinets": "/cabinets/",
        "cabinet": f"/cabinets/{people.cabinet.pk}/",
        "members": f"/cabinets/{people.cabinet.pk}/members/",
        "document": f"/documents/{document.pk}/",
        "search": "/search/",
        "inbox": "/inbox/",
        "assistants": "/assistants/",
        "people": "/people/",
        "queue": "/queue/",
        "health": "/health/",
        "usage": "/usage/",
        "profile": "/profile/",
        "security": "/profile/security/",
    }


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_no_page_has_a_serious_finding(browser: Any, people: People, hints, addresses, theme, width):  # noqa: F811
    from axe_playwright_python.sync_playwright import Axe

    site, axe = Site(people.root, language="zh-CN"), Axe()
    tab = opened(browser, site, "/")
    found = []
    try:
        tab.emulate_media(color_scheme=theme, reduced_motion="reduce")
        tab.set_viewport_size({"width": width, "height": 900})
        for name, address in addresses.items():
            tab.goto(f"http://testserver{address}")
            told = axe.run(tab, options={"runOnly": {"type": "tag", "values": RULES}}).response
            found += [
                f"{name}: {one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
                for one in told["violations"]
                if one["impact"] in SERIOUS
                for node in one["nodes"]
            ]
    finally:
        tab.close()
    assert found == [], "\n".join(found)
    assert site.faults == []
