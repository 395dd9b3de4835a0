"""Embedding and reranking models: list, load, take in by disk, take into use, go back."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.assistants.command_output import Bar, compared, table
from apps.assistants.library import entries, entry_of
from apps.assistants.model_jobs import Action, model_job, model_job_cancel
from apps.assistants.switching import Switch, model_undo, model_use
from apps.core.models import Job
from apps.core.problems import Problem
from apps.rag import components
from apps.rag.errors import RagError, StoreError
from apps.rag.models.errors import ModelFileError
from apps.rag.models.hub import Hub
from apps.rag.models.library import Installed, add, damaged_files, pull, remove

TAKEN_SECONDS = 90
LOOK_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Embedding and reranking models. Without a subcommand: list them. Only `pull` calls out of the house."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", parser_class=ArgumentParser)
        parts.add_parser("list", help="the catalogue, what is on this machine, what is in use")
        loading = parts.add_parser("pull", help="load a model of the catalogue from the hub (MODEL_HUB)")
        loading.add_argument("name")
        carried = parts.add_parser("add", help="take in a sentence-transformers folder that was carried here")
        carried.add_argument("folder", type=Path)
        carried.add_argument("--name", default="", help="its name here; default: the folder's")
        using = parts.add_parser(
            "use", help="take a model into use; a new embedder re-indexes beside the old one"
        )
        using.add_argument("name", nargs="?", default="")
        using.add_argument("--undo", action="store_true", help="back to what was in use before")
        using.add_argument(
            "--kind", choices=["embedder", "reranker"], default="embedder", help="of what is undone"
        )
        for part, text in (
            ("check", "compare the files with their checksums"),
            ("remove", "remove a model's files"),
        ):
            parts.add_parser(part, help=text).add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        part = options.get("part") or "list"
        try:
            getattr(self, f"_{part}")(options)
        except Problem as problem:
            raise CommandError(str(problem.detail)) from problem
        except RagError as error:
            raise CommandError(f"{error.code}: {error.detail}") from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What was loaded or built is kept: the same command goes on with it."
            ) from None
        finally:
            components.close()

    def _list(self, options: dict[str, Any]) -> None:
        table(entries(), to=self.stdout)

    def _pull(self, options: dict[str, Any]) -> None:
        entry = entry_of(options["name"])
        if entry.known is None:
            raise CommandError(f"{entry.name} is not in the catalogue: take it in with `models add FOLDER`.")
        self.stdout.write(f"{entry.name} ({entry.known.licence}) from {settings.MODEL_HUB}")
        with Hub(settings.MODEL_HUB) as hub, Bar(entry.name, to=self.stdout) as bar:
            model = pull(entry.known, root=Path(settings.MODELS_DIR), hub=hub, progress=bar.bytes)
        self._installed("model.pull", model)

    def _add(self, options: dict[str, Any]) -> None:
        name = options["name"] or options["folder"].resolve().name
        with Bar(name, to=self.stdout) as bar:
            model = add(options["folder"], name=name, root=Path(settings.MODELS_DIR), progress=bar.bytes)
        self._installed("model.add", model)

    def _installed(self, action: str, model: Installed) -> None:
        audit_record(None, action=action, detail={"name": model.name, "origin": model.origin})
        self.stdout.write(f"{model.name} is here. Take it into use: manage.py models use {model.name}")

    def _use(self, options: dict[str, Any]) -> None:
        if bool(options["name"]) == options["undo"]:
            raise CommandError("Name a model, or say --undo.")
        action: Action = "undo" if options["undo"] else "use"
        name = options["kind"] if options["undo"] else entry_of(options["name"]).name
        with Bar(name, to=self.stdout) as bar:
            switch = self._here(action, name, bar) or self._by_the_server(action, name, bar)
        for line in compared(switch):
            self.stdout.write(line)

    def _here(self, action: Action, name: str, bar: Bar) -> dict[str, Any] | None:
        """None where another process owns the index."""
        try:
            components.store()
        except StoreError as error:
            self.stderr.write(f"the index belongs to another process ({error.detail}); asking the server")
            return None
        switch: Switch
        if action == "undo":
            switch = model_undo("reranker" if name == "reranker" else "embedder", by=None, on_progress=bar)
        else:
            switch = model_use(name, by=None, on_progress=bar)
        return switch.as_json()

    def _by_the_server(self, action: Action, name: str, bar: Bar) -> dict[str, Any]:
        by = User.objects.filter(is_superuser=True, is_active=True).order_by("date_joined").first()
        if by is None:
            raise CommandError("There is no administrator yet: start the server once.")
        job = model_job(action, name, by=by)
        started = time.monotonic()
        try:
            while job.state in {Job.State.QUEUED, Job.State.RUNNING}:
                if job.state == Job.State.QUEUED and time.monotonic() - started > TAKEN_SECONDS:
                    raise CommandError("No server took the work within 90 seconds. Is it running?")
                time.sleep(LOOK_SECONDS)
                job.refresh_from_db()
                connection.close()
                bar(round(job.progress * 1000), 1000, job.stage)
        except BaseException:
            model_job_cancel(job)
            raise
        if job.state != Job.State.SUCCEEDED:
            raise CommandError(
                "{code}: {message}".format(**(job.error or {"code": job.state, "message": ""}))
            )
        return dict(job.result)

    def _check(self, options: dict[str, Any]) -> None:
        damaged = damaged_files(self._files_of(options["name"]))
        if damaged:
            raise CommandError(f"Not as they were installed: {', '.join(damaged)}")
        self.stdout.write("every file has its checksum")

    def _remove(self, options: dict[str, Any]) -> None:
        entry = entry_of(options["name"])
        if entry.in_use:
            raise CommandError(f"{entry.name} is in use.")
        model = self._files_of(options["name"])
        remove(model)
        audit_record(None, action="model.remove", detail={"name": model.name})
        self.stdout.write(f"{model.name} is removed")

    def _files_of(self, name: str) -> Installed:
        files = entry_of(name).files
        if files is None:
            raise ModelFileError(f"{name} has no files in {settings.MODELS_DIR}.", code="model_absent")
        return files
