"""Is the process alive, and can it serve: each dependency with its state."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import asdict, dataclass
from time import perf_counter

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

CHECK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    detail: str
    ms: int


def checks() -> list[Check]:
    """Every dependency, asked at once and each within 5 seconds."""
    probes: dict[str, Callable[[], str]] = {"database": _database, "cache": _cache, "broker": _broker}
    for name, path in settings.HEALTH_PROBES.items():
        probes[name] = import_string(path)
    pool = ThreadPoolExecutor(len(probes), thread_name_prefix="health")
    try:
        language = get_language()  # a thread of a pool has none
        running = {name: pool.submit(_timed, name, probe, language) for name, probe in probes.items()}
        deadline = perf_counter() + CHECK_SECONDS
        return [_result(name, future, deadline) for name, future in running.items()]
    finally:
        pool.shutdown(wait=False)  # a probe that hangs must not hang the answer


def _result(name: str, future: Future[Check], deadline: float) -> Check:
    try:
        return future.result(max(0.0, deadline - perf_counter()))
    except Late:
        return Check(name, False, f"no answer within {CHECK_SECONDS:.0f} s", int(CHECK_SECONDS * 1000))


def _timed(name: str, probe: Callable[[], str], language: str | None) -> Check:
    started = perf_counter()
    try:
        with override(language):
            detail, ok = probe(), True
    except Exception as error:  # any fault of a dependency is this check's answer
        detail, ok = f"{type(error).__name__}: {error}"[:300], False
    finally:
        connection.close()
    return Check(name, ok, detail, round((perf_counter() - started) * 1000))


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.vendor


def _cache() -> str:
    cache.set("health", "1", 10)
    if cache.get("health") != "1":
        raise RuntimeError("a written value was not read back")
    return settings.CACHES["default"]["BACKEND"].rsplit(".", 1)[-1]


def _broker() -> str:
    if settings.EMBEDDED:
        return _("in this process")
    with current_app.connection_for_write(connect_timeout=3) as link:
        link.ensure_connection(max_retries=1, timeout=3)
        return str(link.as_uri())


def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    found = checks()
    ready = all(check.ok for check in found)
    body = {"status": "ready" if ready else "unready", "checks": [asdict(check) for check in found]}
    return JsonResponse(body, status=200 if ready else 503)
