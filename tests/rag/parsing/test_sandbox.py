from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from apps.rag.errors import ParseError
from apps.rag.interfaces import Parser
from apps.rag.parsing import sniff
from apps.rag.parsing.progress import Step
from apps.rag.parsing.serial import document_from_json
from apps.rag.sandbox import Limits, ParserPool, Prepared
from tests.rag.parsing import badparsers
from tests.rag.parsing.files import source

ROOT = Path(__file__).resolve().parents[3]
LAW = "# 劳动合同法\n\n第一条 为了完善劳动合同制度，制定本法。\n\n| 项目 | 天数 |\n| --- | --- |\n| 年假 | 5 |\n"


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    made = ParserPool(size=3, preload=False)
    yield made
    made.close()


@pytest.fixture
def law(tmp_path: Path) -> Path:
    path = tmp_path / "劳动法.md"
    path.write_text(LAW, "utf-8")
    return path


def with_parser(pool: ParserPool, parser: Parser) -> ParserPool:
    """The same fork servers with another parser."""
    other = ParserPool(size=1, parser=parser)
    other._servers = pool._servers
    return other


def run(
    pool: ParserPool, parser: Parser, path: Path, limits: Limits | None = None, title: str = ""
) -> Prepared:
    given = source(path)
    return with_parser(pool, parser).prepare(
        replace(given, title=title or given.title), workdir=path.parent, limits=limits
    )


def code_of(pool: ParserPool, parser: Parser, path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(ParseError) as caught:
        run(pool, parser, path, limits)
    assert not list(path.parent.glob("parse-*"))  # nothing is left behind
    return caught.value.code


def test_a_file_is_parsed_and_cut_in_a_child(pool: ParserPool, law: Path, tmp_path: Path) -> None:
    steps: list[Step] = []
    prepared = pool.prepare(source(law), workdir=tmp_path, on_progress=steps.append)
    assert [element.kind for element in prepared.document.elements] == ["heading", "paragraph", "table"]
    assert prepared.chunks[0].headings == ("劳动合同法",) and prepared.chunks[0].title == "劳动法"
    assert document_from_json(prepared.elements_path.read_bytes()) == prepared.document
    assert prepared.chunk_count == len(prepared.chunks)
    assert prepared.elements_path.is_relative_to(tmp_path)
    assert set(prepared.timings_ms) == {"parse", "chunk"}
    assert (steps[-1].stage, steps[-1].share) == ("chunk", 1.0)
    assert {step.stage for step in steps} <= {"parse", "chunk"}


def test_the_pages_that_are_read_are_counted(pool: ParserPool, law: Path) -> None:
    steps: list[Step] = []
    with_parser(pool, badparsers.Counts()).prepare(source(law), workdir=law.parent, on_progress=steps.append)
    assert {(1, 3), (2, 3)} <= {(step.done, step.total) for step in steps if step.stage == "parse"}


def test_preloaded_servers_parse_every_kind_without_importing_torch(law: Path, tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<h1>标题</h1><p>正文在这里。</p>", "utf-8")
    pool = ParserPool(size=1)
    try:
        assert pool.prepare(source(page), workdir=tmp_path).chunks[0].text == "正文在这里。"
        other = ParserPool(size=1, parser=badparsers.Looks())
        other._servers = pool._servers
        seen = other.prepare(source(page), workdir=tmp_path).document.elements[0].text
    finally:
        pool.close()
    assert "'unstructured'" in seen and "'langchain_text_splitters'" in seen
    assert "'torch'" not in seen and "'spacy'" not in seen


def test_many_threads_may_call(pool: ParserPool, law: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: pool.prepare(source(law), workdir=tmp_path), range(24)))
    assert len({result.elements_path for result in results}) == 24
    assert len({tuple(result.chunks) for result in results}) == 1


def test_faults_of_the_file_come_back_with_their_code(pool: ParserPool, tmp_path: Path) -> None:
    cases = {
        "a.docx": (b"PK\x03\x04broken", "corrupt"),
        "b.txt": (b"   \n", "empty"),
        "c.txt": (b"", "empty"),
    }
    for name, (data, code) in cases.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(ParseError) as caught:
            pool.prepare(source(path, sniff.DOCX if name == "a.docx" else sniff.TEXT), workdir=tmp_path)
        assert caught.value.code == code


def test_a_file_over_the_limit_is_not_opened(pool: ParserPool, law: Path, tmp_path: Path) -> None:
    with pytest.raises(ParseError) as caught:
        pool.prepare(source(law), workdir=tmp_path, limits=Limits(max_bytes=10))
    assert caught.value.code == "too_large"


def test_a_child_that_hangs_is_killed(pool: ParserPool, law: Path) -> None:
    assert code_of(pool, badparsers.Sleeps(), law, Limits(wall_base=0.5)) == "timeout"


def test_a_child_that_burns_its_processor_time_is_killed(pool: ParserPool, law: Path) -> None:
    assert code_of(pool, badparsers.Burns(), law, Limits(cpu_base=1, wall_base=60)) == "timeout"


def test_a_child_that_hoards_memory_fails_alone(pool: ParserPool, law: Path) -> None:
    assert code_of(pool, badparsers.Hoards(), law) == "memory"


def test_a_child_that_crashes_or_quits_is_told_apart_from_the_file(pool: ParserPool, law: Path) -> None:
    assert code_of(pool, badparsers.Crashes(), law) == "crashed"
    with pytest.raises(ParseError) as caught:
        run(pool, badparsers.Quits(), law)
    assert caught.value.code == "crashed" and "last words" in caught.value.detail


def test_a_child_cannot_fill_the_disk(pool: ParserPool, law: Path) -> None:
    assert code_of(pool, badparsers.Floods(), law, Limits(output_bytes=4 * 1024 * 1024)) in (
        "too_large",
        "crashed",
    )


def test_a_child_reaches_neither_network_nor_processes(pool: ParserPool, law: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        prepared = run(pool, badparsers.Phones(), law, title=str(server.getsockname()[1]))
    assert prepared.document.elements[0].text == "PermissionError no process"


def test_a_child_sees_no_secret_and_lives_in_a_throw_away_folder(
    pool: ParserPool, law: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush-hush")
    quick = ParserPool(size=1, preload=False)
    text = run(quick, badparsers.Looks(), law).document.elements[0].text
    quick.close()
    assert "hush" not in text and "parse-" in text
    assert "'torch'" not in text and "'unstructured'" not in text and "'django'" not in text
    assert "'tests.conftest'" not in text and "'pytest'" not in text  # __main__ is not imported again


def test_a_killed_fork_server_is_started_again(law: Path, tmp_path: Path) -> None:
    pool = ParserPool(size=1, preload=False)
    try:
        pool.prepare(source(law), workdir=tmp_path)
        server = pool._servers["light"]._process
        assert server is not None
        server.kill()
        server.wait(10)
        assert pool.prepare(source(law), workdir=tmp_path).chunks
    finally:
        pool.close()


def test_no_free_child_within_the_wait_is_a_retryable_timeout(pool: ParserPool, law: Path) -> None:
    busy = with_parser(pool, badparsers.Sleeps())
    holder = threading.Thread(
        target=lambda: pytest.raises(
            ParseError, busy.prepare, source(law), workdir=law.parent, limits=Limits(wall_base=2)
        )
    )
    holder.start()
    time.sleep(0.3)
    with pytest.raises(ParseError) as caught:
        busy.prepare(source(law), workdir=law.parent, limits=Limits(queue=0.1))
    holder.join(30)
    assert (caught.value.code, caught.value.retryable) == ("timeout", True)


SCRIPT = """
import sys, os, tempfile, uuid
from pathlib import Path
sys.path.insert(0, {root!r})
open({marks!r}, "a").write("x")  # runs once more wherever __main__ is imported again
import threading
threading.Thread(target=__import__("time").sleep, args=(1,), daemon=True).start()
from apps.rag.sandbox import ParserPool
from tests.rag.parsing.files import source
{body}
"""


def script(tmp_path: Path, body: str, *, cwd: Path | None = None, wait: bool = True) -> subprocess.Popen[str]:
    """Another program that uses a pool, started from another folder."""
    path, marks = tmp_path / "program.py", tmp_path / "marks"
    path.write_text(SCRIPT.format(root=str(ROOT), marks=str(marks), body=textwrap.dedent(body)), "utf-8")
    program = subprocess.Popen(
        [sys.executable, str(path)],
        cwd=cwd or tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if wait:
        out, errors = program.communicate(timeout=120)
        assert program.returncode == 0, errors
        assert marks.read_text() == "x", "the program's main module ran again in a child"
        program.out = out  # type: ignore[attr-defined]
    return program


def test_a_program_started_elsewhere_and_its_forked_workers_can_use_the_pool(
    law: Path, tmp_path: Path
) -> None:
    body = f"""
    pool = ParserPool(preload=False)
    given = source(Path({str(law)!r}))
    print(len(pool.prepare(given, workdir=Path({str(tmp_path)!r})).chunks), flush=True)
    pid = os.fork()
    if pid == 0:  # as Celery's prefork does
        import multiprocessing.process
        multiprocessing.process._current_process._config["daemon"] = True
        print(len(pool.prepare(given, workdir=Path({str(tmp_path)!r})).chunks), flush=True)
        pool.close()
        os._exit(0)
    os.waitpid(pid, 0)
    print(len(pool.prepare(given, workdir=Path({str(tmp_path)!r})).chunks), flush=True)
    """
    assert script(tmp_path, body).out.split() == ["1", "1", "1"]  # type: ignore[attr-defined]


def test_children_die_with_their_owner(law: Path, tmp_path: Path) -> None:
    body = f"""
    from tests.rag.parsing import badparsers
    pool = ParserPool(parser=badparsers.Sleeps(), preload=False)
    def told(step): print(pool._servers["light"]._process.pid, flush=True)
    pool.prepare(source(Path({str(law)!r})), workdir=Path({str(tmp_path)!r}), on_progress=told)
    """
    program = script(tmp_path, body, wait=False)
    assert program.stdout is not None
    server = int(program.stdout.readline())
    children = [int(pid) for pid in Path(f"/proc/{server}/task/{server}/children").read_text().split()]
    assert children
    program.send_signal(signal.SIGKILL)
    program.wait(30)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(_alive(pid) for pid in (server, *children)):
        time.sleep(0.05)
    assert not any(_alive(pid) for pid in (server, *children))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_celery_threads_and_pytest_leave_no_child_behind(pool: ParserPool, law: Path, tmp_path: Path) -> None:
    pool.prepare(source(law), workdir=tmp_path)
    server = pool._servers["light"]._process
    assert server is not None
    deadline = time.monotonic() + 10
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    while time.monotonic() < deadline and children.read_text().split():
        time.sleep(0.05)
    assert children.read_text().split() == []
    assert os.getpid() != server.pid
