"""The pages of writing: for their owner alone, with what was kept, and nothing of it taken for markup."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from apps.office.forms.services import form_create
from apps.office.notices.asking import wanted_from
from apps.office.notices.drafting import write_draft
from apps.office.notices.services import notice_create
from apps.office.webhooks.models import Delivery
from apps.office.webhooks.services import webhook_create, webhook_ping

pytestmark = pytest.mark.django_db
HOSTILE = "</script><script>alert(1)</script>{{ 7*7 }}"


@pytest.fixture
def alice(people) -> Client:
    client = Client()
    client.force_login(people.alice)
    return client


def data_in(html: str, name: str) -> dict:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', html, re.S)
    assert found
    return json.loads(found[1])


def test_the_studio_shows_a_kept_notice_to_its_owner_alone(alice, people):
    asked = {"subject": HOSTILE, "facts": {"地点": HOSTILE}}
    row = notice_create(by=people.alice, request=asked, draft=write_draft(wanted_from(asked)))
    address = reverse("notice", args=[row.pk])
    html = alice.get(address).content.decode()
    assert "<script>alert" not in html and data_in(html, "notice")["request"]["subject"] == HOSTILE
    assert row.title in alice.get(reverse("notices")).content.decode().replace("&lt;", "<").replace(
        "&gt;", ">"
    )
    stranger = Client()
    stranger.force_login(people.root)
    assert stranger.get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_builder_shows_a_kept_form_to_its_owner_alone(alice, people):
    row = form_create(by=people.alice, brief=f"报名表：姓名、{HOSTILE}", writer="template")
    html = alice.get(reverse("form", args=[row.pk])).content.decode()
    assert "<script>alert" not in html and data_in(html, "form")["title"] == "报名表"
    stranger = Client()
    stranger.force_login(people.bob)
    assert stranger.get(reverse("form", args=[row.pk])).status_code == 404
    assert stranger.get(reverse("forms")).status_code == 200


def test_webhooks_are_listed_with_what_they_were_told_and_without_their_secret(alice, people, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = ["oa.example.org"]
    hook, secret = webhook_create(by=people.alice, url="https://oa.example.org/<b>", events=["job.finished"])
    attempt = {"at": "2026-01-01T00:00:00", "status": None, "error": "timeout", "ms": 10000}
    ping = webhook_ping(hook)
    Delivery.objects.filter(pk=ping.pk).update(attempts=1, log=[attempt])
    html = alice.get(reverse("webhooks"), headers={"Accept-Language": "en"}).content.decode()
    assert "https://oa.example.org/&lt;b&gt;" in html and secret not in html
    assert re.search(r'href="/writing/" aria-current="page"', html)
    assert "A job ended" in html and "no answer in time · 10000 ms" in html and "again at" in html
    stranger = Client()
    stranger.force_login(people.bob)
    assert "oa.example.org/&lt;b&gt;" not in stranger.get(reverse("webhooks")).content.decode()
    assert Client().get(reverse("webhooks")).status_code == 302


def test_without_a_list_of_hosts_the_page_says_who_makes_it(alice, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = []
    html = alice.get(reverse("webhooks")).content.decode()
    assert "WEBHOOK_ALLOWED_HOSTS" in html and 'data-dialog-open="new-hook"' not in html


def test_the_rail_leads_to_writing_and_all_its_tools_are_beside_each_other(alice):
    html = alice.get(reverse("forms")).content.decode()
    assert f'href="{reverse("notices")}"' in html and f'href="{reverse("writing")}"' in html
    assert alice.get(reverse("writing"), follow=True).status_code == 200
