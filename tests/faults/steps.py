"""What a test lets a process of its own do: `python -m tests.faults.steps COMMAND ARGUMENT … [then …]`, a line each."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.cabinets import tasks  # noqa: E402
from apps.cabinets.models import Cabinet, Document  # noqa: E402
from apps.cabinets.services import deletion, ingestion, uploads  # noqa: E402
from apps.cabinets.services.cabinets import cabinet_create  # noqa: E402
from apps.rag import components  # noqa: E402


def upload(name: str, text: str) -> str:
    by = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser(
        "admin", password="x"
    )
    place = Cabinet.objects.first() or cabinet_create(by=by, name="Rules")
    document, _created = uploads.document_upload(
        by=by, folder=place.folders.get(parent=None), upload=SimpleUploadedFile(name, text.encode())
    )
    return str(document.pk)


def ingest(key: str) -> str:
    return str(ingestion.document_ingest(key))


def requeue(key: str) -> str:
    return str(ingestion.document_requeue(Document.objects.get(pk=key), by=None).generation)


def delete(key: str) -> str:
    document = Document.objects.get(pk=key)
    return str(deletion.document_delete(document, by=User.objects.first()).pk)


def remove(key: str) -> str:
    return str(deletion.document_remove(key))


def sweep() -> str:
    tasks.sweep()
    return "swept"


def read(key: str) -> str:
    fields = ("status", "generation", "active_generation", "attempt", "error_code", "chunk_count")
    return json.dumps(Document.objects.values(*fields).get(pk=key))


if __name__ == "__main__":
    for command in " ".join(sys.argv[1:]).split(" then "):
        name, *arguments = command.split(" ", 2) if command.startswith("upload") else command.split()
        print(globals()[name](*arguments))
    components.close()
