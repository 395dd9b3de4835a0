"""Small real objects for tests, made through the same services as the product's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import api_key_create
from apps.cabinets.models import Cabinet, Document, Folder
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.grants import grants_set
from apps.cabinets.services.uploads import document_upload

PASSWORD = "correct horse battery"
ALL_SCOPES = ["search", "chat", "documents:read", "documents:write", "office"]


def make_user(name: str, *, is_administrator: bool = False) -> User:
    user = User(
        username=name, display_name=name.title(), is_superuser=is_administrator, is_staff=is_administrator
    )
    user.password = _hashed_password()
    user.save()
    return user


@cache
def _hashed_password() -> str:
    """Argon2 is slow on purpose: one hash serves all people of a test run."""
    return make_password(PASSWORD)


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


class Api:
    """A caller of the REST interface: by a new key of a person, or by nobody."""

    def __init__(self, user: User | None = None, *scopes: str, language: str = "en", **headers: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"HTTP_ACCEPT_LANGUAGE": language, **headers}
        if user is not None:
            self.headers |= bearer(user, *scopes)

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        return self.client.get(_address(path), query, **self.headers, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any = None) -> HttpResponse:
        return self.send("PUT", path, body)

    def patch(self, path: str, body: Any = None) -> HttpResponse:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> HttpResponse:
        return self.send("DELETE", path, None)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """`body` is sent as JSON; bytes are sent as they are."""
        raw = body if isinstance(body, bytes) else b"" if body is None else DjangoJSONEncoder().encode(body)
        return self.client.generic(
            method, _address(path), raw, content_type="application/json", **self.headers, **headers
        )

    def upload(self, *files: tuple[str, bytes | str], to: str = "documents", **form: Any) -> HttpResponse:
        """Multipart, as a browser sends it; each file is (name, content)."""
        parts = [SimpleUploadedFile(name, _bytes(content)) for name, content in files]
        return self.client.post(_address(to), {"file": parts, **form}, **self.headers)


def _address(path: str) -> str:
    return path if path.startswith("/") else f"/api/v1/{path}"


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def upload(by: User, folder: Folder, name: str, content: bytes | str) -> Document:
    document, _created = document_upload(
        by=by, folder=folder, upload=SimpleUploadedFile(name, _bytes(content))
    )
    return document


def ingest(document: Document) -> Document:
    """Do the document's work here and now."""
    from apps.cabinets.services.ingestion import document_ingest

    document_ingest(document.pk)
    document.refresh_from_db()
    return document
