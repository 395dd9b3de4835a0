"""A zip that is put on a cabinet's page: asked about, unpacked, and every file of it answered for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.cabinets.models import Document
from apps.cabinets.services.imports import import_unpack
from apps.core.models import Job
from tests.browsing import Site, browser, marks, opened  # noqa: F401 - a fixture
from tests.test_imports import packed

pytestmark = [*marks, pytest.mark.django_db(transaction=True)]
GOOD = {"rules/leave.txt": "Annual leave is five days.", "travel.md": "# Travel"}


@pytest.fixture
def site(people, hints) -> Site:
    return Site(people.alice)


@pytest.fixture
def page(browser, people, site) -> Iterator[Any]:  # noqa: F811
    tab = opened(browser, site, f"/cabinets/{people.cabinet.pk}/")
    site.work = lambda: [import_unpack(job.pk) for job in Job.objects.filter(kind="import", state="queued")]
    yield tab
    errors = tab.errors
    tab.close()
    assert errors == []


def give(page: Any, name: str, content: bytes) -> None:
    """As if the person had chosen the file: made in the page, since the driver hides the bytes of chosen ones."""
    page.evaluate(
        """([name, bytes]) => {
          const chosen = new DataTransfer();
          chosen.items.add(new File([new Uint8Array(bytes)], name));
          const input = document.getElementById("pick-files");
          input.files = chosen.files;
          input.dispatchEvent(new Event("change"));
        }""",
        [name, list(content)],
    )


def test_it_is_asked_about_and_left_alone_on_no(page):
    give(page, "files.zip", packed(GOOD))
    page.wait_for_selector("dialog[open] >> text=files.zip")
    page.click("dialog[open] .button.quiet")
    page.wait_for_selector("dialog[open]", state="detached")
    assert not Job.objects.exists() and not Document.objects.exists()


def test_its_files_arrive_in_their_folders(page):
    give(page, "files.zip", packed(GOOD))
    page.click("dialog[open] .button.primary")
    page.wait_for_selector(".toast >> text=files.zip")
    assert {(one.folder.path, one.filename) for one in Document.objects.select_related("folder")} == {
        ("rules", "leave.txt"), ("", "travel.md"),
    }  # fmt: skip
    assert page.locator(".archive-line").count() == 0


def test_what_was_rejected_is_listed_with_its_reason(page):
    give(page, "files.zip", packed({**GOOD, "photo.xyz": b"\0\1", "empty.txt": ""}))
    page.click("dialog[open] .button.primary")
    page.click(".toast button >> nth=0")
    names = page.locator("dialog[open] .preview-list strong").all_inner_texts()
    assert sorted(names) == ["empty.txt", "photo.xyz"]
    assert all(len(text) > 20 for text in page.locator("dialog[open] .preview-list span").all_inner_texts())


def test_what_is_no_archive_is_refused_with_a_sentence(page):
    give(page, "files.zip", b"not a zip at all")
    page.click("dialog[open] .button.primary")
    page.wait_for_selector(".toast svg")  # the sign of a fault
    assert not Job.objects.exists()
    assert page.locator(".archive-line").count() == 0
