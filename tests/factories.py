"""Small real objects for tests, made through the same services as the product's own."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import User
from apps.accounts.services import api_key_create
from apps.cabinets.models import Cabinet, Document, Folder
from apps.cabinets.services.cabinets import cabinet_create, grants_set
from apps.cabinets.services.uploads import document_upload

PASSWORD = "correct horse battery"
ALL_SCOPES = ["search", "chat", "documents:read", "documents:write"]


def make_user(name: str, *, is_administrator: bool = False) -> User:
    user = User(username=name, display_name=name.title(), is_superuser=is_administrator, is_staff=is_administrator)
    user.set_password(PASSWORD)
    user.save()
    return user


@dataclass
class People:
    alice: User
    bob: User
    charlie: User
    root: User
    cabinet: Cabinet

    @classmethod
    def make(cls) -> People:
        alice, bob, charlie = (make_user(name) for name in ("alice", "bob", "charlie"))
        root = make_user("root", is_administrator=True)
        cabinet = cabinet_create(by=alice, name="Rules")
        grants_set(by=alice, cabinet=cabinet, entries=[("user:alice", "manager"), ("user:bob", "viewer")])
        return cls(alice, bob, charlie, root, cabinet)

    @property
    def root_folder(self) -> Folder:
        return self.cabinet.folders.get(parent=None)


def bearer(user: User, *scopes: str) -> dict[str, str]:
    """Headers of a new key for Django's test client."""
    _key, secret = api_key_create(by=user, user=user, name="test", scopes=scopes or ALL_SCOPES)
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def upload(by: User, folder: Folder, name: str, content: bytes | str) -> Document:
    data = content.encode() if isinstance(content, str) else content
    document, _created = document_upload(by=by, folder=folder, upload=SimpleUploadedFile(name, data))
    return document


def ingest(document: Document) -> Document:
    """Do the document's work here and now."""
    from apps.cabinets.services.ingestion import document_ingest

    document_ingest(document.pk)
    document.refresh_from_db()
    return document
