"""The editor's page: signed-in people, their own files, both languages, and scripts that say what they need."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.office.files.working import file_start
from apps.office.proofreading.edits import smallest
from apps.office.proofreading.types import CATEGORIES
from apps.office.proofreading_strings import editor_strings
from apps.office.reading import Asked
from tests.wordfiles import word_file

pytestmark = pytest.mark.django_db
PAGE = "/writing/"


@pytest.fixture
def alice(people) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(people.alice)
    return client


@pytest.fixture
def reading(people):
    return file_start(
        by=people.alice, upload=SimpleUploadedFile("<b>通知.docx", word_file("好")), asked=Asked()
    )


def test_nobody_is_sent_to_the_sign_in(people):
    assert Client().get(PAGE).status_code == 302


def test_the_editor_stands_under_writing_in_the_rail(alice):
    page = alice.get(PAGE).content.decode()
    assert re.search(r'href="/writing/" aria-current="page"', page)
    assert 'id="text"' in page
    assert f'maxlength="{settings.PROOFREAD_CHARACTERS}"' in page
    assert "<option>请示</option>" in page
    assert not re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", page)
    assert " style=" not in page


def test_a_file_is_listed_and_opened_by_its_owner_alone(alice, people, reading):
    page = alice.get(PAGE, {"reading": reading.pk}).content.decode()
    assert f'data-reading="{reading.pk}"' in page
    assert "&lt;b&gt;通知.docx" in page
    stranger = Client()
    stranger.force_login(people.bob)
    assert stranger.get(PAGE, {"reading": reading.pk}).status_code == 404
    assert "通知.docx" not in stranger.get(PAGE).content.decode()


@pytest.mark.parametrize("given", ["x", "4f7a1f6e-0d2c-4f0b-9a5e-6f3f0b1c2d3e"])
def test_what_is_no_reading_is_not_found(alice, given):
    assert alice.get(PAGE, {"reading": given}).status_code == 404


def test_the_scripts_say_only_what_the_page_translates(people):
    known = set(editor_strings())
    scripts = [
        path.read_text("utf-8") for path in (Path(settings.BASE_DIR) / "static" / "js").glob("proofread-*.js")
    ]
    said = {key for script in scripts for key in re.findall(r'say\("(\w+)"', script)}
    assert said <= known | {"copy_failed"}
    assert {f"category_{name}" for name in CATEGORIES} <= known


@pytest.mark.parametrize(
    ("old", "new", "cut"),
    [
        ("共10人", "共11人", ("10", "11")),
        ("15～30%", "15%～30%", ("15", "15%")),
        ("峻工", "竣工", ("峻", "竣")),
        ("甲乙", "乙", ("甲", "")),
        ("They has", "They have", ("has", "have")),
    ],
)
def test_an_edit_is_as_small_as_it_may_be_and_cuts_no_number_or_word(old, new, cut):
    start, text, (value,) = smallest(0, old, (new,))
    assert (text, value) == cut
    assert old[:start] + value + old[start + len(text) :] == new
