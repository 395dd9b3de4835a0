"""Signed requests: the secret of the key never travels, and a request is accepted once.

    Authorization: Askive-HMAC-SHA256 key=<id>, timestamp=<unix seconds>, nonce=<16 to 64>, signature=<hex>

The signature is HMAC-SHA256 with the key's secret over five lines: the method, the path with its query as it
is sent, the SHA-256 of the body in hex, the timestamp, the nonce (docs/rest.md has it in Python and bash).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import ApiKey, UsedNonce
from apps.accounts.selectors import signed_key
from apps.core.secrets import Unreadable, decrypt

SCHEME = "Askive-HMAC-SHA256"
WINDOW_SECONDS = 300  # either side of our clock
KEPT = timedelta(seconds=2 * WINDOW_SECONDS + 60)  # longer than any timestamp is accepted
PIECE = 64 * 1024
PARTS = re.compile(
    r"key=(?P<key>[0-9a-fA-F-]{36}), ?timestamp=(?P<timestamp>[0-9]{1,12}), ?"
    r"nonce=(?P<nonce>[A-Za-z0-9_-]{16,64}), ?signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Signature:
    key_id: UUID
    timestamp: int
    nonce: str
    signature: str


def signature_of(request: HttpRequest) -> Signature | None:
    """What the header says; None where it is another scheme's or not well-formed."""
    scheme, _space, told = request.headers.get("Authorization", "").partition(" ")
    found = PARTS.fullmatch(told.strip()) if scheme.lower() == SCHEME.lower() else None
    if found is None:
        return None
    try:
        return Signature(UUID(found["key"]), int(found["timestamp"]), found["nonce"], found["signature"])
    except ValueError:
        return None


def text_to_sign(method: str, path: str, body_sha256: str, *, timestamp: int | str, nonce: str) -> bytes:
    """`path` with its query, exactly as it is sent."""
    return "\n".join((method.upper(), path, body_sha256, str(timestamp), nonce)).encode()


def sign(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def signer_of(request: HttpRequest) -> ApiKey | None:
    """The live key that signed this request, the first time that it is sent; None for everything else.
    The nonce is kept only where the signature is right, so that strangers cannot fill the table."""
    told = signature_of(request)
    if told is None or abs(time.time() - told.timestamp) > WINDOW_SECONDS:
        return None
    key = signed_key(told.key_id)
    if key is None:
        return None
    text = text_to_sign(
        request.method or "",
        request.get_full_path(),
        body_sha256(request),
        timestamp=told.timestamp,
        nonce=told.nonce,
    )
    right = [hmac.compare_digest(sign(secret, text), told.signature) for secret in _secrets(key)]
    return key if any(right) and _first_use(key, told.nonce) else None


def body_sha256(request: HttpRequest) -> str:
    """Of the body as it came. Large files lie in a spooled file, which is read in pieces and wound back."""
    stream = getattr(request, "_stream", None)
    if request.content_type != "multipart/form-data" or stream is None or not stream.seekable():
        return hashlib.sha256(request.body).hexdigest()
    digest = hashlib.sha256()
    while piece := stream.read(PIECE):
        digest.update(piece)
    stream.seek(0)
    return digest.hexdigest()


def _secrets(key: ApiKey) -> Iterator[str]:
    kept = [key.signing_secret]
    if key.previous_until is not None and key.previous_until > timezone.now():
        kept.append(key.previous_signing_secret)
    for token in filter(None, kept):
        try:
            yield decrypt(token)
        except Unreadable:
            continue  # written with a SECRET_KEY that is gone: the key must be rotated


def _first_use(key: ApiKey, nonce: str) -> bool:
    UsedNonce.objects.filter(at__lt=timezone.now() - KEPT).delete()
    try:
        with transaction.atomic():
            UsedNonce.objects.create(key=key, nonce=nonce)
    except IntegrityError:
        return False
    return True
