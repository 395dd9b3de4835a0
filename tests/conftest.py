"""What every test starts from: a data folder of its own, small people and cabinets, real stores.

`alice` manages, `bob` reads, `charlie` is a stranger, `root` administers."""

from __future__ import annotations

import inspect
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from apps.rag.llm_clients import close_clients
from tests.chatting import knowledge, live, live_servers, model, no_model_left_over  # noqa: F401 - fixtures


def pytest_configure() -> None:
    """Without PostgreSQL the tests take a database in memory, each process its own (pytest-django knows that of
    Django's own SQLite backend only)."""
    from django.conf import settings

    default = settings.DATABASES["default"]
    if default["ENGINE"] == "apps.core.sqlite_pool":
        default.setdefault("TEST", {})["NAME"] = ":memory:"


@pytest.fixture(scope="session", autouse=True)
def quicker():
    from tests import quicker

    with pytest.MonkeyPatch.context() as patch:
        quicker.apply(patch)
        yield


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path: Path) -> Path:
    """Files of one test only."""
    settings.DATA_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"
    settings.PARSED_DIR = tmp_path / "parsed"
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.LLM_DISCOVERY = []
    settings.CHECK_MEANING = False  # measures its model in a thread; what tests it turns it on
    settings.WHITENOISE_AUTOREFRESH = (
        True  # else each test client reads all static files before its first request
    )
    return tmp_path


@pytest.fixture(autouse=True)
def fresh_cache():
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def people(db):
    from tests.factories import People

    return People.make()


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A migrated data folder with its administrator and a key: real processes start from copies. One a run."""
    from tests.faults.place import made_once

    folder = tmp_path_factory.getbasetemp()
    return made_once(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="session")
def parser_pool():
    """One for all tests: its fork server loads the parsers once."""
    from apps.rag.sandbox import ParserPool

    pool = ParserPool(size=2)
    yield pool
    pool.close()


@pytest.fixture
def rag(settings, tmp_path: Path, parser_pool, monkeypatch):
    """The real pipeline on a store of this test; parts are closed when it ends."""
    from apps.rag import components

    monkeypatch.setattr(components, "parser_pool", lambda: parser_pool)
    settings.RAG = {
        **settings.RAG,
        "STORE": {"BACKEND": "apps.rag.stores.edge.EdgeStore", "OPTIONS": {"path": tmp_path / "qdrant"}},
        "EMBEDDER": {"BACKEND": "tests.fakes.embedder.HashEmbedder", "OPTIONS": {}},
        "QUERY_EMBEDDER": {"BACKEND": "tests.fakes.embedder.HashEmbedder", "OPTIONS": {}},
    }
    components.close()
    yield components
    components.close()


@pytest.fixture
def hints(settings, monkeypatch):
    """Celery's hints, kept instead of sent: a test does the work when it wants to."""
    from apps.cabinets import hints

    kept: list[tuple[str, str]] = []
    monkeypatch.setattr(hints, "_send", lambda task, key: kept.append((task, str(key))))
    return kept


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest must not begin last: files that start the product or a browser, then those of most tests."""
    sizes = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[bool, bool, int, str]:
        slow = [item.get_closest_marker(mark) is None for mark in ("server", "browser")]
        return slow[0], slow[1], -sizes[item.path], str(item.path)

    items.sort(key=place)
    for item in items:
        if any(map(item.get_closest_marker, ("server", "browser"))) or "live" in getattr(
            item, "fixturenames", ()
        ):
            # They live by the clock: a host that takes the processor away for a minute must not fail a run.
            # It is said in the summary, and what fails twice fails.
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def _model_clients(request: pytest.FixtureRequest) -> None:
    """The loop of an asynchronous test ends with it, and so must the connections to models that belong to it."""
    if inspect.iscoroutinefunction(request.function):
        request.getfixturevalue("_model_clients_closed")


@pytest_asyncio.fixture
async def _model_clients_closed() -> AsyncIterator[None]:
    yield
    await close_clients()
