"""The embedded default in one command: migrate, first administrator, demo cabinet, web and worker."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import closing, suppress
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.models import Count

TRIED_PORTS = 20
PROGRESS_SECONDS = 0.5


class Command(BaseCommand):
    help = "Serve the whole product: web, REST and, in the embedded default, the worker."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8080))
        parser.add_argument("--no-demo", action="store_true", help="do not load the demo cabinet")

    def handle(self, *args: Any, **options: Any) -> None:
        import uvicorn

        listener = _listen(options["host"], options["port"])
        self._prepare(demo=not options["no_demo"])
        self._announce(listener)
        connection.close()
        threading.Thread(target=self._tell_progress, daemon=True, name="progress").start()
        config = uvicorn.Config(
            "config.asgi:application",
            log_level="warning",
            lifespan="on",
            timeout_graceful_shutdown=5,
            server_header=False,
            date_header=True,
        )
        with suppress(KeyboardInterrupt):  # uvicorn repeats the signal once it has stopped cleanly
            uvicorn.Server(config).run(sockets=[listener])
        self.stdout.write("Stopped. / 已停止。")

    def _prepare(self, *, demo: bool) -> None:
        from apps.accounts.first_run import administrator_ensure
        from apps.accounts.models import User
        from apps.cabinets.services.demo import demo_load

        settings.STATIC_ROOT.mkdir(
            parents=True, exist_ok=True
        )  # whitenoise warns of a folder that is not there
        call_command("migrate", interactive=False, verbosity=0)
        self._login = administrator_ensure()
        if demo and settings.EMBEDDED:
            owner = User.objects.filter(is_superuser=True).order_by("date_joined").first()
            if owner is not None and demo_load(by=owner):
                self.stdout.write("Loading the demo cabinet … / 正在载入演示文件柜……")

    def _announce(self, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
        name, password = self._login
        self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"  Askive 问档   http://{shown}:{port}/"))
        if password:
            self.stdout.write(f"  Sign in as / 登录   {name}   {password}")
            self.stdout.write("  (shown until you change it / 修改密码后不再显示)")
        self.stdout.write(f"  Data / 数据   {settings.DATA_DIR}      Ctrl-C stops / 停止")
        self.stdout.write("")

    def _tell_progress(self) -> None:
        """A line each time the number of documents that wait or are read changes."""
        from apps.cabinets.models import Document

        said: tuple[int, int, int] | None = None
        while True:
            counts = dict(Document.objects.order_by().values_list("status").annotate(Count("pk")))
            connection.close()
            busy = counts.get("queued", 0) + counts.get("processing", 0)
            now = (busy, counts.get("ready", 0), counts.get("failed", 0))
            if now != said and (busy or (said and said[0])):
                self.stdout.write(
                    f"  documents / 文档: {now[1]} ready 已入库, {busy} waiting 处理中, {now[2]} failed 失败"
                )
                self.stdout.flush()
            said = now
            time.sleep(PROGRESS_SECONDS if busy else 4 * PROGRESS_SECONDS)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket at the port, or at the next free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + TRIED_PORTS):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError as error:
            with closing(listener):
                last = error
            continue
        listener.listen(2048)
        return listener
    raise CommandError(f"No free port from {port} to {port + TRIED_PORTS - 1} on {host}: {last}")
