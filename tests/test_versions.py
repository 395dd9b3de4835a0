"""Versions: listed with what changed, downloaded one by one, and only the current one is found."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.cabinets.services.uploads import document_add_version
from tests.factories import Api, ingest, upload
from tests.test_cabinet_pages import page_of


def add_version(people, document, name: str, content: str):
    return document_add_version(document, by=people.alice, upload=SimpleUploadedFile(name, content.encode()))


@pytest.fixture
def rules(people, hints):
    document = upload(people.alice, people.root_folder, "rules.txt", "The limit is 500 yuan.")
    return add_version(people, document, "rules 2025.txt", "The limit is now 600 yuan in all cities.")


@pytest.mark.django_db
def test_versions_are_listed_newest_first_with_who_and_what(people, rules):
    items = Api(people.bob).get(f"documents/{rules.pk}/versions").json()["items"]
    assert [(item["number"], item["filename"], item["current"]) for item in items] == [
        (2, "rules 2025.txt", True),
        (1, "rules.txt", False),
    ]
    assert {item["created_by"] for item in items} == {"alice"}
    assert items[0]["sha256"] == rules.sha256


@pytest.mark.django_db
def test_an_old_version_can_be_downloaded_as_an_attachment(people, rules):
    bob = Api(people.bob)
    answer = bob.get(f"documents/{rules.pk}/versions/1/file")
    assert b"".join(answer.streaming_content) == b"The limit is 500 yuan."
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == ("nosniff", "sandbox")
    assert bob.get(f"documents/{rules.pk}/versions/3/file").status_code == 404
    assert Api(people.charlie).get(f"documents/{rules.pk}/versions/1/file").status_code == 404


@pytest.mark.django_db
def test_the_tab_says_what_changed(people, rules):
    content = page_of(people.alice).get(f"/documents/{rules.pk}/?tab=versions").content.decode()
    assert "(+18 B)" in content and "renamed" in content and "current" in content
    assert f"/api/v1/documents/{rules.pk}/versions/1/file" in content
    assert "Upload a new version" in content
    assert 'id="panel-versions" aria-labelledby="tab-versions" tabindex="0">' in content


@pytest.mark.django_db(transaction=True)
def test_only_the_current_version_is_found(people, hints, rag):
    document = ingest(upload(people.alice, people.root_folder, "rules.txt", "The limit is 500 yuan."))
    document = ingest(add_version(people, document, "rules.txt", "The limit is now 600 yuan in all cities."))
    texts = [
        item["text"] for item in Api(people.bob).post("search", {"query": "limit yuan"}).json()["passages"]
    ]
    assert texts == ["The limit is now 600 yuan in all cities."]
