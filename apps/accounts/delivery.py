"""The audit trail outside the database: JSON lines in a file, or messages to a syslog (settings.AUDIT_LOG).

What stands there cannot be changed together with the rows. At least once: after a crash lines may come twice,
which their numbers tell. What cannot be delivered now is delivered with the next seal, at the latest by the sweeper.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import SysLogHandler
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from apps.accounts.chain import canonical, seal_locked
from apps.accounts.models import AuditEvent

logger = logging.getLogger(__name__)
BATCH = 500
SYSLOG_PORT = 514
LOCAL_SYSLOG = "/dev/log"
Write = Callable[[str], None]


def audit_deliver() -> None:
    """Hand on what is sealed and was not handed on yet; without a setting nothing, and nothing is forgotten."""
    if not settings.AUDIT_LOG:
        return
    try:
        while _deliver_some():
            continue
    except OSError as error:
        logger.error("the audit log %s takes nothing: %s", settings.AUDIT_LOG, error)


@transaction.atomic
def _deliver_some() -> bool:
    end = seal_locked()
    rows = list(AuditEvent.objects.filter(number__gt=end.delivered).order_by("number")[:BATCH])
    if not rows:
        return False
    with _log() as write:
        for row in rows:
            write(line_of(row))
    end.delivered = rows[-1].number or 0
    end.save(update_fields=["delivered"])
    return len(rows) == BATCH


def line_of(event: AuditEvent) -> str:
    return json.dumps(
        {**json.loads(canonical(event)), "hash": event.hash}, ensure_ascii=False, separators=(",", ":")
    )


@contextmanager
def _log() -> Iterator[Write]:
    address = urlsplit(settings.AUDIT_LOG)
    if address.scheme != "syslog":
        with _file(Path(settings.AUDIT_LOG)) as write:
            yield write
        return
    where = (
        (address.hostname, address.port or SYSLOG_PORT) if address.hostname else address.path or LOCAL_SYSLOG
    )
    with _syslog(where) as write:
        yield write


@contextmanager
def _file(path: Path) -> Iterator[Write]:
    """Appended, readable by its owner alone, on the disk before the number is written down."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(
        os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "w", encoding="utf-8"
    ) as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        def write(line: str) -> None:
            file.write(line + "\n")

        yield write
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _syslog(where: str | tuple[str, int]) -> Iterator[Write]:
    """As the facility "auth", a datagram a row. The handler's own emit would swallow faults."""
    handler = SysLogHandler(where, SysLogHandler.LOG_AUTH, socket.SOCK_DGRAM)
    priority = handler.encodePriority("auth", "info")

    def write(line: str) -> None:
        message = f"<{priority}>askive: {line}".encode()
        if isinstance(where, str):
            handler.socket.send(message)  # type: ignore[attr-defined]  # typeshed leaves it out
        else:
            handler.socket.sendto(message, where)  # type: ignore[attr-defined]  # the same

    try:
        yield write
    finally:
        handler.close()
