"""A real Redis that is down, flushed, or delivers twice: the rows are the truth, so time is all it costs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.faults.place import Place, copied, row, wait
from tests.faults.stores import shared_store
from tests.services import free_port

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs Redis: redis-server"),
]
TEXT = "# Rules\n\nAsk before you buy."


class Broker:
    """A Redis that a test starts and kills."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=2)

    def start(self) -> None:
        options = ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), *options], stdout=subprocess.DEVNULL
        )
        wait(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


@pytest.fixture(scope="module")
def site(template, tmp_path_factory) -> Iterator[tuple[Place, Broker]]:
    """Redis, a Celery worker, and an engine that the worker and the steps share."""
    folder = tmp_path_factory.mktemp("broker")
    broker = Broker(folder)
    broker.start()
    with shared_store(folder / "shared") as address:
        place = copied(
            template, folder / "data",
            FAULT_STORE=address, CELERY_BROKER_URL=f"redis://127.0.0.1:{broker.port}/0",
            WORKER_PULSE_SECONDS="1",  # a worker that hears is never taken for one that does not
        )  # fmt: skip
        options = ["--pool", "threads", "--concurrency", "2", "--without-mingle", "--without-gossip"]
        worker = place.popen("-m", "celery", "-A", "config", "worker", *options)
        try:
            yield place, broker
        finally:
            worker.terminate()
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                worker.kill()
            broker.kill()
            place.close()


def test_a_broker_that_is_down_flushed_or_repeats_itself_loses_nothing(site):
    place, broker = site
    first = place.step("upload", "first.md", TEXT)
    wait(lambda: row(place, first)[0] == "ready" and not broker.client.exists("unacked"))
    broker.kill()
    second = place.step("upload", "second.md", TEXT + " Second.")  # accepted all the same
    assert row(place, second)[0] == "queued"
    broker.start()
    place.step("sweep")
    wait(lambda: row(place, second)[0] == "ready")
    third = place.step("upload", "third.md", TEXT + " Third.")
    broker.client.flushall()
    place.step("sweep", "then", "sweep", "then", "sweep")  # what was lost is said again, and again
    wait(lambda: row(place, third)[0] == "ready")
    for key in (first, second, third):
        assert row(place, key) == ("ready", 1, 1), "one piece of work each"
    assert place.doctor() == []


DEAF = """
from config.celery import app
import django
django.setup()
from config.pulse import watch
print("begins", flush=True)
watch(app, "celery@nobody", every=0.1, answer=0.2)
"""


def test_a_worker_that_does_not_hear_its_broker_ends_and_one_whose_broker_is_away_waits(site):
    place, broker = site
    deaf = place.popen("-c", DEAF)
    assert deaf.wait(60) == 1
    log = place.data_dir / "log"
    assert "celery@nobody does not hear its broker" in log.read_text()
    broker.kill()
    begun = log.read_text().count("begins")
    waiting = place.popen("-c", DEAF)
    wait(lambda: log.read_text().count("begins") > begun)
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(2)
    broker.start()
    assert waiting.wait(60) == 1
