"""Requests signed with a key that is never sent: accepted once, unaltered, and near their time."""

from __future__ import annotations

import hashlib
import json
import secrets
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from apps.accounts.models import ApiKey, UsedNonce
from apps.accounts.services import api_key_create, api_key_rotate, user_set_active
from apps.accounts.signing import SCHEME, body_sha256, sign, text_to_sign
from tests.factories import ALL_SCOPES

pytestmark = pytest.mark.django_db
PATH = "/api/v1/cabinets"


@dataclass
class Signer:
    """A program that signs; `told` changes what is said after the signature was made."""

    key: ApiKey
    secret: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def header(
        self, method: str, path: str, body: bytes = b"", *, at: int | None = None, nonce: str = ""
    ) -> str:
        at, nonce = at or int(time.time()), nonce or secrets.token_urlsafe(16)
        text = text_to_sign(method, path, hashlib.sha256(body).hexdigest(), timestamp=at, nonce=nonce)
        signature = sign(self.secret, text)
        return f"{SCHEME} key={self.key.pk}, timestamp={at}, nonce={nonce}, signature={signature}"

    def send(self, method: str, path: str, body: bytes, header: str, **extra: str) -> int:
        answer = self.client.generic(
            method, path, body, content_type="application/json", HTTP_AUTHORIZATION=header, **extra
        )
        return answer.status_code

    def get(self, path: str = PATH, **options) -> int:
        return self.send("GET", path, b"", self.header("GET", path, **options))


@pytest.fixture
def signer(people) -> Signer:
    scopes = ALL_SCOPES
    return Signer(*api_key_create(by=people.alice, user=people.alice, name="s", scopes=scopes, signed=True))


def test_a_signed_request_opens_what_the_key_opens(signer):
    assert signer.get() == 200
    assert signer.get(f"{PATH}?limit=5&cursor=") == 200
    body = json.dumps({"name": "通知"}).encode()
    assert signer.send("POST", PATH, body, signer.header("POST", PATH, body)) == 201
    assert signer.get("/v1/models") == 200


def test_the_secret_of_such_a_key_opens_nothing_when_it_is_sent(signer):
    answer = signer.client.get(PATH, HTTP_AUTHORIZATION=f"Bearer {signer.secret}")
    assert answer.status_code == 401
    assert signer.secret not in json.dumps(list(ApiKey.objects.values()), default=str), "kept encrypted"


def test_a_request_that_was_recorded_is_not_accepted_again(signer):
    header = signer.header("GET", PATH)
    assert [signer.send("GET", PATH, b"", header) for _time in range(3)] == [200, 401, 401]


def test_a_recorded_request_is_not_answered_from_memory_either(signer):
    """With an Idempotency-Key the first answer is kept: it is for whom signs anew, not for a replay."""
    body = b'{"name": "Once"}'
    header = signer.header("POST", PATH, body)
    idempotent = {"HTTP_IDEMPOTENCY_KEY": "one"}
    assert signer.send("POST", PATH, body, header, **idempotent) == 201
    assert signer.send("POST", PATH, body, header, **idempotent) == 401
    assert signer.send("POST", PATH, body, signer.header("POST", PATH, body), **idempotent) == 201


def test_what_was_altered_on_the_way_is_refused(signer):
    path, body = f"{PATH}?a=1&b=2", b'{"name": "A"}'
    sent = {
        "body": ("POST", path, b'{"name": "B"}'),
        "order of the query": ("POST", f"{PATH}?b=2&a=1", body),
        "query": ("POST", f"{path}&c=3", body),
        "path": ("POST", "/api/v1/assistants?a=1&b=2", body),
        "method": ("GET", path, body),
    }
    got = {what: signer.send(*told, signer.header("POST", path, body)) for what, told in sent.items()}
    assert set(got.values()) == {401}, got
    assert not UsedNonce.objects.exists(), "what is refused uses no nonce up"


def test_the_parts_of_the_header_cannot_be_exchanged_or_reordered(signer):
    header = signer.header("GET", PATH)
    scheme, parts = header.split(" ", 1)
    key, timestamp, nonce, signature = parts.split(", ")
    altered = [
        f"{scheme} {timestamp}, {key}, {nonce}, {signature}",
        f"{scheme} {key}, timestamp={int(time.time()) - 7}, {nonce}, {signature}",
        f"{scheme} {key}, {timestamp}, nonce={'x' * 20}, {signature}",
        f"{scheme} {key}, {timestamp}, {nonce}, signature={'0' * 64}",
        f"{scheme} {key}, {timestamp}, {nonce}",
        f"{scheme} key={secrets.token_hex(18)}, {timestamp}, {nonce}, {signature}",
        f"Bearer {parts}",
        scheme,
    ]
    assert [signer.send("GET", PATH, b"", told) for told in altered] == [401] * len(altered)
    assert signer.send("GET", PATH, b"", header) == 200


def test_a_file_is_hashed_in_pieces_and_still_read_afterwards():
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.bin", b"x" * 3_000_000)})
    with tempfile.SpooledTemporaryFile(max_size=1000) as spooled:
        spooled.write(body)
        spooled.seek(0)
        headers = [(b"content-type", MULTIPART_CONTENT.encode()), (b"content-length", b"%d" % len(body))]
        scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
        request = ASGIRequest(scope, spooled)
        assert body_sha256(request) == hashlib.sha256(body).hexdigest()
        assert request.FILES["file"].size == 3_000_000


@pytest.mark.parametrize("away", [-3600, -301, 301, 86_400])
def test_a_request_far_from_its_time_is_refused(signer, away):
    assert signer.get(at=int(time.time()) + away + (1 if away > 0 else -1)) == 401


def test_another_keys_secret_does_not_sign_for_this_one(signer, people):
    other = Signer(
        signer.key, api_key_create(by=None, user=people.root, name="", scopes=["chat"], signed=True)[1]
    )
    assert other.get() == 401


def test_a_key_that_is_sent_cannot_be_signed_for(people):
    sent = Signer(*api_key_create(by=None, user=people.alice, name="", scopes=["chat"]))
    assert sent.get() == 401


def test_signing_ends_with_the_key_and_with_its_owner(signer, people):
    user_set_active(by=people.root, user=people.alice, active=False)
    assert signer.get() == 401


def test_after_a_rotation_both_secrets_sign_until_the_grace_is_over(signer, people):
    renewed = Signer(signer.key, api_key_rotate(by=people.alice, key=signer.key, grace=timedelta(hours=1)))
    assert (signer.get(), renewed.get()) == (200, 200)
    ApiKey.objects.update(previous_until=timezone.now())
    assert (signer.get(), renewed.get()) == (401, 200)


def test_nonces_are_forgotten_once_their_time_is_refused_anyway(signer):
    UsedNonce.objects.create(key=signer.key, nonce="old" * 8, at=timezone.now() - timedelta(hours=1))
    signer.get()
    assert UsedNonce.objects.count() == 1
