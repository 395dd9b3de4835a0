"""Looks whether rows, points, files and rights agree; mends on request."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from apps.accounts.models import User
from apps.cabinets.doctor.jobs import examination_request
from apps.core.doctor import Finding, examine
from apps.core.models import Job
from apps.rag import components
from apps.rag.errors import StoreError

TAKEN_SECONDS = 90
LOOK_SECONDS = 0.5


class Command(BaseCommand):
    help = "Check the invariants between database, vector store, files and rights. Exit status 1: something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend what a program may mend")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        parser.add_argument("--seconds", type=int, default=3600, help="how long to wait for a running server")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in self._findings(repair=options["repair"], seconds=options["seconds"]):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(finding.line)
        wrong = [finding for finding in findings if not finding.mended]
        if options["json"]:
            told = {"checked": list(settings.DOCTOR_CHECKS), "healthy": not wrong}
            self.stdout.write(json.dumps({**told, "findings": [asdict(finding) for finding in findings]}))
        else:
            mended = len(findings) - len(wrong)
            self.stdout.write(f"{len(settings.DOCTOR_CHECKS)} checks, {len(wrong)} wrong, {mended} mended")
        if wrong:
            raise SystemExit(1)

    def _findings(self, *, repair: bool, seconds: int) -> Iterator[Finding]:
        """Here, or by the server that owns the index."""
        try:
            components.store()
        except StoreError as error:
            if (found := self._by_the_server(repair=repair, seconds=seconds)) is not None:
                yield from found
                return
            self.stderr.write(f"the vector store cannot be reached and no server answers: {error.detail}")
        try:
            yield from examine(repair=repair)
        finally:
            components.close()

    def _by_the_server(self, *, repair: bool, seconds: int) -> list[Finding] | None:
        """None when no running server takes the job."""
        by = User.objects.filter(is_superuser=True).order_by("date_joined").first()
        if by is None:
            return None
        job = examination_request(by=by, repair=repair)
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            job.refresh_from_db()
            connection.close()
            if job.state == Job.State.SUCCEEDED:
                return [Finding(**finding) for finding in job.result["findings"]]
            if job.state == Job.State.FAILED:
                raise CommandError("The server could not finish the examination; its log says why.")
            waiting = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
            if time.monotonic() - started > TAKEN_SECONDS and waiting.update(state=Job.State.CANCELLED):
                return None
            time.sleep(LOOK_SECONDS)
        raise CommandError(f"The server was not done within {seconds} s; the job {job.pk} goes on.")
