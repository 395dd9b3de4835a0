"""The profile: one's own name, language and keys, and nothing of anybody else's."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from apps.accounts.services import api_key_create, api_key_revoke
from tests.test_cabinet_pages import page_of


def test_the_profile_is_for_signed_in_people():
    assert Client().get("/profile/")["Location"] == "/login/?next=/profile/"


def test_the_page_speaks_both_languages(people):
    assert b"API keys" in page_of(people.bob).get("/profile/").content
    assert "API 密钥" in page_of(people.bob, language="zh-hans").get("/profile/").content.decode()


def test_my_live_keys_are_listed_without_their_secret(people):
    key, secret = api_key_create(by=people.bob, user=people.bob, name="import", scopes=["search"])
    gone, _ = api_key_create(by=people.bob, user=people.bob, name="old one", scopes=["search"])
    api_key_revoke(by=people.bob, key=gone)
    api_key_create(by=people.alice, user=people.alice, name="not mine", scopes=["search"])
    content = page_of(people.bob).get("/profile/").content.decode()
    assert "import" in content and key.prefix in content
    assert secret not in content and "old one" not in content and "not mine" not in content


def test_only_administrators_are_offered_administrative_scopes(people):
    assert b"impersonate" not in page_of(people.bob).get("/profile/").content
    assert b"impersonate" in page_of(people.root).get("/profile/").content


def test_a_name_is_text_and_never_markup(people):
    people.bob.display_name = "<b>Bob</b>"
    people.bob.save()
    assert b"<b>Bob</b>" not in page_of(people.bob).get("/profile/").content


def test_what_is_wrong_with_a_new_password_is_said_in_the_language_of_the_page(people):
    with translation.override("zh-hans"), pytest.raises(ValidationError) as caught:
        validate_password("alice", people.alice)
    assert not [message for message in caught.value.messages if re.search("[A-Za-z]{4}", message)]
