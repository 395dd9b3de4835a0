"""What a test lets a process of its own do: `python -m tests.faults.steps`, told line by line what to fork for.

A line is {"arguments": [COMMAND, ARGUMENT, …, "then", COMMAND, …], "settings": {…}, "output": FILE, "errors": FILE},
answered by {"pid": …} at once, or {"wait": pid}, answered by {"pid": …, "status": …} once that process has ended,
or {"poll": pid}, answered at once, the pid 0 while it goes on.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.urls import get_resolver  # noqa: E402
from django.utils.translation import override  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.cabinets import tasks  # noqa: E402
from apps.cabinets.messages import sentence  # noqa: E402
from apps.cabinets.models import Cabinet, Document, Role  # noqa: E402
from apps.cabinets.searching import search  # noqa: E402
from apps.cabinets.services import deletion, documents, ingestion, uploads  # noqa: E402
from apps.cabinets.services.cabinets import cabinet_create  # noqa: E402
from apps.cabinets.services.folders import folder_create  # noqa: E402
from apps.cabinets.services.grants import grant_add, grants_set  # noqa: E402
from apps.core import failpoints  # noqa: E402
from apps.rag import components, extractive  # noqa: E402
from apps.rag.retrieval import RetrievalOptions  # noqa: E402
from tests.faults.stores import serve  # noqa: E402

SERVING = ("config.asgi", "uvicorn", "openai", "apps.cabinets.embedded", "qdrant_edge")


def by() -> User:
    return User.objects.filter(is_superuser=True).first() or User.objects.create_superuser(
        "admin", password="x"
    )


def upload(name: str, text: str) -> str:
    place = Cabinet.objects.first() or cabinet_create(by=by(), name="Rules")
    document, _created = uploads.document_upload(
        by=by(), folder=place.folders.get(parent=None), upload=SimpleUploadedFile(name, text.encode())
    )
    return str(document.pk)


def ingest(key: str) -> str:
    return str(ingestion.document_ingest(key))


def requeue(key: str) -> str:
    return str(ingestion.document_requeue(Document.objects.get(pk=key), by=None).generation)


def delete(key: str) -> str:
    return str(deletion.document_delete(Document.objects.get(pk=key), by=by()).pk)


def remove(key: str) -> str:
    return str(deletion.document_remove(key))


def hurry(key: str) -> str:
    """No pause before its next attempt."""
    return str(Document.objects.filter(pk=key).update(not_before=None))


def at(stage: str) -> str:
    """Stop where this stage is next come to."""
    failpoints._passes.clear()
    os.environ[failpoints.VARIABLE] = f"{stage}:stop"
    return stage


def reader(name: str) -> str:
    """Somebody who may read what is in the first cabinet."""
    person = User.objects.create_user(name)
    place = Cabinet.objects.first() or cabinet_create(by=by(), name="Rules")
    grant_add(by=by(), cabinet=place, folder=None, user=person, role=Role.VIEWER)
    return str(person.pk)


def lend(name: str, text: str, to: str) -> str:
    """A document in a cabinet of its own that this person may read."""
    place = cabinet_create(by=by(), name=name)
    top = place.folders.get(parent=None)
    grant_add(by=by(), cabinet=place, folder=None, user=User.objects.get(username=to), role=Role.VIEWER)
    document, _created = uploads.document_upload(
        by=by(), folder=top, upload=SimpleUploadedFile(name, text.encode())
    )
    return str(document.pk)


def revoke(key: str) -> str:
    """Nobody but the administrator may see its cabinet any more."""
    place = Document.objects.get(pk=key).cabinet
    return str(len(grants_set(by=by(), cabinet=place, entries=[(f"user:{by().username}", "manager")])))


def seen(name: str, *keys: str) -> str:
    """Those of the documents in which this person finds the word rule."""
    person, found = User.objects.get(username=name), []
    for key in keys:
        if search(person, "rule", document_ids=[UUID(key)], options=RetrievalOptions()).passages:
            found.append(key)
    return json.dumps(found)


def preload() -> str:
    """This process reads many files: the parsers are loaded once, before the first."""
    settings.PARSER_PRELOAD = True
    return ""


def say(word: str) -> str:
    return word


def moved(key: str) -> str:
    """Its points follow it."""
    tasks.move(key)
    return key


def gone(key: str) -> str:
    return str(not Document.objects.filter(pk=key).exists())


def hold(folder: str, port: str) -> str:
    """Serve the engine in this folder until the end."""
    serve(Path(folder), port=int(port), drops=os.environ.get("FAULT_STORE_DROPS", ""))
    return ""


def points() -> str:
    return str(components.store().count())


def move(key: str, name: str) -> str:
    """To a new folder, and its points with it."""
    document = Document.objects.get(pk=key)
    folder = folder_create(by=by(), parent=document.cabinet.folders.get(parent=None), name=name)
    documents.document_move(document, by=by(), folder=folder)
    tasks.move(key)
    return str(folder.pk)


def sweep() -> str:
    tasks.sweep()
    return "swept"


def read(key: str) -> str:
    fields = (
        "status",
        "generation",
        "active_generation",
        "attempt",
        "error_code",
        "chunk_count",
        "folder_id",
    )
    return json.dumps(Document.objects.values(*fields).get(pk=key), default=str)


def says(key: str) -> str:
    """What a person reads about its fault, in both languages."""
    code = Document.objects.values_list("error_code", flat=True).get(pk=key)
    told = []
    for language in ("en", "zh-hans"):
        with override(language):
            told.append(sentence(code))
    return json.dumps(told)


def manage(*arguments: str) -> str:
    call_command(*arguments)
    return ""


def run(arguments: list[str]) -> None:
    """Commands one after the other; what each returns is a line."""
    words = [*arguments, "then"]
    while words:
        end = words.index("then")
        name, *rest = words[:end]
        words = words[end + 1 :]
        print(globals()[name](*rest), flush=True)


def fork(told: dict[str, Any]) -> int:
    if pid := os.fork():
        return pid
    status = 1
    try:
        writing = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        output = os.open(told["output"], writing, 0o600)
        errors = os.open(told["errors"], writing, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for target, descriptor in ((0, null), (1, output), (2, errors)):
            os.dup2(descriptor, target)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        os.environ.update(told["settings"])
        run(told["arguments"])
        components.close()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    raise AssertionError("a fork never comes here")


def load() -> None:
    """What a server needs, so that none of its forks takes the time again."""
    for name in SERVING:
        import_module(name)
    extractive.warm()
    MigrationLoader(None)
    get_resolver().url_patterns  # noqa: B018 - it is read when it is asked for


def main() -> None:
    load()
    assert threading.active_count() == 1, "a fork would lose the other threads"
    for line in sys.stdin:
        told = json.loads(line)
        if "arguments" in told:
            answer = {"pid": fork(told)}
        else:
            pid, how = (told["wait"], 0) if "wait" in told else (told["poll"], os.WNOHANG)
            answer = dict(zip(("pid", "status"), os.waitpid(pid, how), strict=True))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
