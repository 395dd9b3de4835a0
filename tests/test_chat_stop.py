"""Stopping an answer: by its reader, from another process, by leaving, by a stop of the program."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from apps.accounts import services as services_of_people
from apps.accounts.models import User
from apps.chat import services
from apps.chat.models import Message
from tests.chatting import Asker, names_of, wait_until
from tests.fakes.openai_server import stats

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(live, knowledge, model, settings) -> Asker:
    settings.LLM_TIMEOUTS = {"connect_s": 5, "first_token_s": 60, "idle_s": 60, "total_s": 60}
    return Asker(live, knowledge.bob)


@pytest.mark.parametrize("name", ["paced", "hang", "stall", "endless"])
def test_stop_ends_the_answer_and_closes_the_model(bob, model, name):
    with bob.asking("年休假有几天？", model=name) as events:
        message_id = next(events)[1]["message_id"]
        wait_until(lambda: stats(model).open == 1)
        assert bob.http.post(f"/api/v1/messages/{message_id}/stop").status_code == 202
        rest = list(events)  # the model itself would be given up after a minute only
    assert names_of(rest)[-1] == "done"
    assert rest[-1][1]["finish_reason"] == "stopped"
    assert rest[-1][1]["status"] == "interrupted"
    wait_until(lambda: (stats(model).open, stats(model).aborted) == (0, 1))
    row = Message.objects.get(pk=message_id)
    assert (row.status, row.error_code) == ("interrupted", "stopped")


def test_stop_reaches_an_answer_that_is_still_searching(bob, model, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr("apps.chat.sourcing.search_scope", lambda *_a, **_k: release.wait(10))
    with bob.asking("年休假有几天？") as events:
        message_id = next(events)[1]["message_id"]
        bob.http.post(f"/api/v1/messages/{message_id}/stop")
        rest = list(events)  # the model itself would be given up after a minute only
    release.set()
    assert rest[-1][1]["finish_reason"] == "stopped"
    assert stats(model).served == 1  # its list of models; the model itself was never asked


def test_a_stranger_cannot_stop_it(live, knowledge, bob, model):
    with bob.asking("年休假有几天？", model="paced") as events:
        message_id = next(events)[1]["message_id"]
        answer = Asker(live, knowledge.charlie).http.post(f"/api/v1/messages/{message_id}/stop")
        assert answer.status_code == 404
        assert list(events)[-1][1]["finish_reason"] == "stop"


def test_a_deactivated_persons_answer_ends_and_nobody_elses(live, knowledge, bob, model):
    """The change comes from another thread of the server, as a request of an administrator."""
    root = User.objects.create(username="chief", is_superuser=True)
    alice = Asker(live, knowledge.alice)
    with (
        bob.asking("年休假有几天？", model="hang") as his,
        alice.asking("年休假有几天？", model="paced") as hers,
    ):
        message_id = next(his)[1]["message_id"]
        wait_until(lambda: stats(model).open == 2)
        services_of_people.user_set_active(by=root, user=knowledge.bob, active=False)
        rest = list(his)
        assert list(hers)[-1][1]["finish_reason"] == "stop"
    assert rest[-1][0] == "error"
    assert rest[-1][1]["code"] == "deactivated"
    row = Message.objects.get(pk=message_id)
    assert (row.status, row.error_code) == ("error", "deactivated")  # not a word had come
    assert bob.http.get("/api/v1/me").status_code == 401


STOP_ELSEWHERE = """
import asyncio, sys, uuid, django
django.setup()
from apps.chat import running
asyncio.run(running.stop(uuid.UUID(sys.argv[1])))
"""


@pytest.mark.skipif(not os.environ.get("TEST_REDIS_URL"), reason="needs Redis: redis-server")
def test_a_stop_from_another_process_travels_through_redis(bob, model, settings):
    url = os.environ["TEST_REDIS_URL"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}
    settings.EMBEDDED = False
    with bob.asking("年休假有几天？", model="hang") as events:
        message_id = next(events)[1]["message_id"]
        environment = {**os.environ, "REDIS_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run(
            [sys.executable, "-c", STOP_ELSEWHERE, message_id], env=environment, check=True, timeout=30
        )
        rest = list(events)
    assert rest[-1][1].get("finish_reason") == "stopped"


@pytest.mark.parametrize("name", ["paced", "hang"])
def test_who_leaves_leaves_an_interrupted_answer_and_no_open_model(bob, model, name):
    with bob.asking("年休假有几天？", model=name) as events:
        message_id = next(events)[1]["message_id"]
        wait_until(lambda: stats(model).open == 1)
        for event, _data in events:
            if event == ("delta" if name == "paced" else "status"):
                break
    wait_until(lambda: stats(model).open == 0)
    wait_until(lambda: Message.objects.get(pk=message_id).status != "streaming")
    row = Message.objects.get(pk=message_id)
    assert (row.status, row.error_code) == ("interrupted", "left")
    assert row.sources.exists()
    if name == "paced":
        assert row.content


def test_answers_of_a_dead_process_are_closed(bob, model):
    events = bob.ask("年休假有几天？")
    key = UUID(dict(events)["start"]["message_id"])
    Message.objects.filter(pk=key).update(status="streaming", finish_reason="")
    assert services.messages_interrupt_stale() == 0  # it may still be written somewhere
    Message.objects.filter(pk=key).update(updated_at=timezone.now() - timedelta(hours=1))
    assert services.messages_interrupt_stale() == 1
    assert bob.saved(events)["status"] == "interrupted"


def test_at_its_start_the_only_process_closes_what_it_finds(bob, model):
    events = bob.ask("年休假有几天？")
    Message.objects.filter(pk=dict(events)["start"]["message_id"]).update(status="streaming")
    assert services.messages_interrupt_stale(all_of_them=True) == 1
    assert bob.saved(events)["error"]["code"] == "model_interrupted"
