"""The frame of every page: landmarks, languages, theme, sign-in, error pages, and what the CSP demands."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings as django_settings
from django.test import Client

from tests.factories import PASSWORD

ROOT = Path(django_settings.BASE_DIR)
INLINE = re.compile(
    r"<[^>]+\s(style|on[a-z]+)=|<style|<script(?![^>]*(\ssrc=|type=\"application/json\"))", re.IGNORECASE
)


def signed_in(user, language: str = "en") -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.force_login(user)
    return client


def test_style_guide_shows_every_icon_of_the_sprite():
    page = Client().get("/styleguide/").content.decode()
    names = re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons/sprite.svg").read_text())
    assert len(names) > 40
    assert all(f"#{name}" in page for name in names)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Ask", "Cabinets", "Sign out"]), ("zh-CN", ["问答", "文件柜", "退出登录"])],
)
def test_the_frame_has_its_landmarks_in_both_languages(people, language, words):
    page = signed_in(people.alice, language).get("/").content.decode()
    for landmark in (
        '<main class="main"',
        '<nav class="rail"',
        '<aside class="list"',
        'class="skip"',
        'aria-live="polite"',
    ):
        assert landmark in page
    assert all(word in page for word in words)
    assert f'lang="{"en" if language == "en" else "zh-hans"}"' in page


def test_only_administrators_see_the_way_to_admin(people):
    assert "/people/" in signed_in(people.root).get("/").content.decode()
    assert "/people/" not in signed_in(people.bob).get("/").content.decode()


def test_preferences_are_kept_with_the_person_and_in_cookies(people):
    client = signed_in(people.bob)
    answer = client.post("/preferences/", {"language": "zh-hans", "theme": "dark", "next": "/search/"})
    people.bob.refresh_from_db()
    assert (people.bob.language, people.bob.theme) == ("zh-hans", "dark")
    assert answer["Location"] == "/search/"
    page = client.get("/").content.decode()
    assert 'data-theme="dark"' in page and "问答" in page


def test_preferences_refuse_what_is_unknown_and_foreign_addresses(people):
    client = signed_in(people.bob)
    assert client.post("/preferences/", {"theme": "neon"}).status_code == 400
    assert client.post("/preferences/", {"language": "xx"}).status_code == 400
    assert client.get("/preferences/").status_code == 405
    answer = client.post("/preferences/", {"theme": "light", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_sign_in_says_the_same_for_a_wrong_name_and_a_wrong_password(people):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    pages = []
    for name, password in (("alice", "wrong wrong wrong"), ("nobody", PASSWORD)):
        page = client.post("/login/", {"username": name, "password": password}).content.decode()
        alert = re.search(r'role="alert">(.*?)</div></div>', page, re.DOTALL)
        assert alert
        pages.append(alert[1])
    assert pages[0] == pages[1]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_missing_page_says_what_to_do(people, language):
    answer = signed_in(people.alice, language).get("/no/such/page/")
    assert answer.status_code == 404
    assert ("Back to Ask" if language == "en" else "回到问答") in answer.content.decode()


@pytest.mark.parametrize("address", ["/", "/styleguide/", "/login/", "/no/such/page/"])
def test_pages_carry_nothing_inline_that_the_csp_would_refuse(people, address):
    client = Client() if address == "/login/" else signed_in(people.alice)
    page = client.get(address).content.decode()
    assert INLINE.search(page) is None


def test_every_icon_that_is_named_exists():
    names = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons/sprite.svg").read_text()))
    used: set[str] = set()
    for template in (ROOT / "templates").rglob("*.html"):
        used |= set(re.findall(r'{% icon "([\w-]+)"', template.read_text()))
    for script in (ROOT / "static/js").glob("*.js"):
        used |= set(re.findall(r'\bicon\("([\w-]+)"', script.read_text()))
    assert used <= names


def test_every_static_file_that_a_template_names_exists():
    for template in (ROOT / "templates").rglob("*.html"):
        for name in re.findall(r"{% static '([^']+)'", template.read_text()):
            assert (ROOT / "static" / name).is_file(), f"{template.name}: {name}"


def test_the_chinese_catalogue_is_whole_and_compiled():
    folder = ROOT / "locale/zh_Hans/LC_MESSAGES"
    catalogue, compiled = polib.pofile(str(folder / "django.po")), polib.mofile(str(folder / "django.mo"))
    assert [entry.msgid for entry in catalogue if not entry.translated()] == []
    assert {entry.msgid: entry.msgstr for entry in compiled} == {
        entry.msgid: entry.msgstr for entry in catalogue
    }
    for entry in catalogue:
        wanted = set(re.findall(r"%\(\w+\)[sd]|{\w+}", entry.msgid_plural or entry.msgid))
        given = set(re.findall(r"%\(\w+\)[sd]|{\w+}", entry.msgstr or entry.msgstr_plural[0]))
        assert given == wanted, entry.msgid
