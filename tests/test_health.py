"""/healthz says that the process lives, /readyz which dependency is down."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.cabinets import probes
from apps.cabinets.tasks import sweep
from apps.core import health

pytestmark = pytest.mark.django_db(transaction=True)


def ready(status: int) -> dict[str, dict]:
    answer = Client().get("/readyz")
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert body["status"] == ("ready" if status == 200 else "unready")
    assert all(set(check) == {"name", "ok", "detail", "ms"} for check in body["checks"])
    return {check["name"]: check for check in body["checks"]}


def down(checks: dict[str, dict]) -> set[str]:
    return {name for name, check in checks.items() if not check["ok"]}


@pytest.fixture
def worker(hints) -> None:
    sweep()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_process_answers_whatever_is_down(rag, settings):
    settings.HEALTH_PROBES = {"store": "no.such.module"}
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_everything_is_named_and_ready_after_a_workers_sweep(rag, worker):
    checks = ready(200)
    assert set(checks) == {"database", "cache", "broker", "store", "embedder", "worker"}
    assert checks["store"]["detail"] == "0 points"
    assert checks["embedder"]["detail"] == "hash-trigrams, 64 dimensions, en"


def test_a_worker_that_was_never_seen_or_not_for_three_minutes_is_down(rag):
    assert down(ready(503)) == {"worker"}
    probes.beat()
    assert down(ready(200)) == set()
    probes.cache.set(probes.HEARTBEAT_KEY, timezone.now() - timedelta(seconds=181), 600)
    assert down(ready(503)) == {"worker"}


def test_a_store_that_cannot_be_opened_is_down_and_the_rest_is_not(rag, settings, worker, tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("not a folder")
    store = {"BACKEND": "apps.rag.stores.edge.EdgeStore", "OPTIONS": {"path": blocked / "store"}}
    settings.RAG = {**settings.RAG, "STORE": store}
    rag.close()  # what the sweep of the worker opened
    checks = ready(503)
    assert down(checks) == {"store"}
    assert checks["store"]["detail"]


def test_a_broker_that_refuses_is_down(rag, settings, worker):
    from celery import current_app

    settings.EMBEDDED = False
    before = current_app.conf.broker_url, current_app.conf.broker_write_url
    url = f"redis://:password@127.0.0.1:{closed_port()}/0"
    current_app.conf.broker_url = current_app.conf.broker_write_url = url
    try:
        checks = ready(503)
    finally:
        current_app.conf.broker_url, current_app.conf.broker_write_url = before
    assert down(checks) == {"broker"}
    assert "password" not in checks["broker"]["detail"]


def test_a_cache_that_forgets_is_down(rag, settings, worker):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert down(ready(503)) == {"cache", "worker"}


def test_a_dependency_that_hangs_is_named_and_does_not_hang_the_answer(rag, settings, worker, monkeypatch):
    freed, ended = threading.Event(), threading.Event()

    def hang() -> str:
        freed.wait(20)
        ended.set()
        return "late"

    monkeypatch.setattr(probes, "store", hang)
    monkeypatch.setattr(health, "CHECK_SECONDS", 2.0)
    try:
        checks = ready(503)
        assert not ended.is_set(), "the answer came while the probe still hung"
    finally:
        freed.set()
    assert down(checks) == {"store"}
    assert "no answer" in checks["store"]["detail"]
