"""Take in a folder of the server's disk: rows and files only, so it works beside a running server."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import Http404

from apps.accounts.models import User
from apps.cabinets.access import Forbidden, folder_for, root_of
from apps.cabinets.archives import SYSTEM
from apps.cabinets.messages import sentence
from apps.cabinets.models import Cabinet, Folder, Role
from apps.cabinets.services.folders import folder_ensure_path
from apps.cabinets.services.names import clean_filename
from apps.cabinets.services.originals import file_discard_if_unused, file_store
from apps.cabinets.services.uploads import document_register
from apps.core.problems import Problem
from apps.rag.errors import ParseError

BLOCK = 1024 * 1024


class Command(BaseCommand):
    help = "Import a folder into a cabinet. Run it again at any time: what is there already is skipped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--cabinet", required=True, help="name or slug of the cabinet")
        parser.add_argument("--folder", default="", help="folder in the cabinet, made if it is missing")
        parser.add_argument("--user", default="", help="whose documents they become; else an administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        top = Path(options["path"])
        if not top.is_dir():
            raise CommandError(f"There is no folder {top}.")
        owner = _owner(options["user"])
        root = _target(owner, options["cabinet"], options["folder"])
        files = sorted(_files(top))
        counts: Counter[str] = Counter()
        faults: list[str] = []
        for path in self._with_progress(files):
            relative = path.relative_to(top)
            try:
                counts[_take(path, relative.parent.as_posix(), owner=owner, root=root)] += 1
            except (Problem, ParseError, OSError) as error:
                counts["rejected"] += 1
                faults.append(f"{relative}: {_words(error)}")
        for fault in faults[:1000]:
            self.stdout.write(self.style.WARNING(f"  {fault}"))
        self.stdout.write(
            f"{counts['accepted']} accepted, {counts['existing']} there already, {counts['rejected']} rejected"
        )

    def _with_progress(self, files: list[Path]) -> Iterator[Path]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("", total=len(files))
            for path in files:
                progress.update(task, description=path.name[:60].replace("[", "\\["))
                yield path
                progress.advance(task)


def _owner(name: str) -> User:
    people = User.objects.filter(is_active=True)
    found = people.filter(username=name) if name else people.filter(is_superuser=True).order_by("date_joined")
    if (owner := found.first()) is None:
        raise CommandError(
            f"There is no active person “{name}”." if name else "There is no administrator yet."
        )
    return owner


def _target(owner: User, name: str, path: str) -> Folder:
    live = Cabinet.objects.filter(deleted_at=None, personal=False)
    cabinet = live.filter(slug=name).first() or live.filter(name=name).first()
    if cabinet is None:
        raise CommandError(f"There is no cabinet “{name}”.")
    try:
        root = folder_for(owner, root_of(cabinet).pk, role=Role.CONTRIBUTOR)
    except (Forbidden, Http404) as error:
        raise CommandError(f"{owner} may not add documents to “{cabinet}”.") from error
    return folder_ensure_path(by=owner, root=root, path=path)


def _files(top: Path) -> Iterator[Path]:
    """Regular files, without hidden ones and what systems leave behind; links are not followed."""
    for folder, names, files in os.walk(top):
        names[:] = sorted(name for name in names if not name.startswith(".") and not SYSTEM.match(name))
        for name in files:
            path = Path(folder, name)
            if (
                not name.startswith(".")
                and not SYSTEM.match(name)
                and path.is_file()
                and not path.is_symlink()
            ):
                yield path


def _take(path: Path, folder: str, *, owner: User, root: Folder) -> str:
    """accepted or existing. Raises Problem, ParseError or OSError for this file alone."""
    from apps.rag.parsing.sniff import HEAD_BYTES, media_type_for

    filename = clean_filename(path.name)
    with path.open("rb") as file:
        media_type = media_type_for(filename, file.read(HEAD_BYTES))
    target = folder_ensure_path(by=owner, root=root, path=folder)
    stored = file_store(_blocks(path))
    try:
        _document, created = document_register(
            by=owner, folder=target, filename=filename, media_type=media_type, stored=stored, tell=False
        )
    except Problem:
        file_discard_if_unused(stored.sha256)
        raise
    return "accepted" if created else "existing"


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _words(error: Exception) -> str:
    if isinstance(error, ParseError):
        return sentence(error.code)
    if isinstance(error, Problem):
        return str(error.detail or " ".join(entry["message"] for entry in error.errors))
    return str(error)
