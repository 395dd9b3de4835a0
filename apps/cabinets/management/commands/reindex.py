"""A new vector index beside the old one, also for another embedding model; searches go on meanwhile."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.cabinets.services.reindexing import index_build, index_undo, indexes_forget
from apps.core.problems import Problem
from apps.rag import components
from apps.rag.errors import RagError

SAY_SECONDS = 2.0


class Command(BaseCommand):
    help = (
        "Build a new vector index with the configured embedder and switch to it. Can be repeated after a cut."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--undo", action="store_true", help="switch back to the former index")
        choice.add_argument("--forget", action="store_true", help="remove the former indexes from the store")

    def handle(self, *args: Any, **options: Any) -> None:
        self._said = 0.0
        try:
            if options["forget"]:
                self.stdout.write(f"{indexes_forget()} former indexes removed")
                return
            make = index_undo if options["undo"] else index_build
            row = make(on_progress=self._tell)
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        except RagError as error:
            raise CommandError(f"{error.code}: {error.detail}") from error
        finally:
            components.close()
        name = row.name or "the configured one"
        self.stdout.write(f"switched: {name}, {row.dimension} dimensions, {row.embedder['OPTIONS']}")

    def _tell(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said > SAY_SECONDS or done == total:
            self._said = now
            self.stdout.write(f"  {done} of {total} documents")
            self.stdout.flush()
