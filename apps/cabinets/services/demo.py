"""The demo cabinet: a fictional organisation's files, uploaded as any other."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import get_language

from apps.accounts.models import User
from apps.cabinets.demo import demo_files, golden
from apps.cabinets.models import Cabinet, Grant, Role
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.folders import folder_ensure_path
from apps.cabinets.services.originals import file_store
from apps.cabinets.services.reach import tree_lock
from apps.cabinets.services.uploads import document_register

MARK = "demo"


def demo_load(*, by: User) -> Cabinet | None:
    """Make the cabinet and queue its files, once: a cabinet that was deleted stays deleted."""
    if Cabinet.objects.filter(options__kind=MARK).exists():
        return None
    content = golden()
    suggestions = {"zh": list(content.suggestions.zh), "en": list(content.suggestions.en)}
    name, description = content.cabinet.name, content.cabinet.description
    if (get_language() or "").startswith("en"):
        cabinet = cabinet_create(by=by, name=name.en, description=description.en, suggestions=suggestions)
    else:
        cabinet = cabinet_create(by=by, name=name.zh, description=description.zh, suggestions=suggestions)
    cabinet.options = {"kind": MARK}
    cabinet.slug = MARK if not Cabinet.objects.filter(slug=MARK).exists() else cabinet.slug
    cabinet.save(update_fields=["options", "slug"])
    with transaction.atomic():
        tree_lock(cabinet.pk)
        Grant.objects.create(cabinet=cabinet, everyone=True, role=Role.VIEWER)
    root = cabinet.folders.get(parent=None)
    for file in demo_files():
        folder = folder_ensure_path(by=by, root=root, path=file.folder)
        stored = file_store([file.path.read_bytes()])
        document_register(
            by=by, folder=folder, filename=file.filename, media_type=file.media_type, stored=stored
        )
    return cabinet
