"""The signature of a call: HMAC-SHA256 over method, path, digest of the body, time and nonce, a line each."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

TOLERANCE_SECONDS = 300


def canonical(method: str, path: str, body: bytes, timestamp: str, nonce: str) -> bytes:
    """`path` with its query, as it is sent."""
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join((method.upper(), path, digest, timestamp, nonce)).encode()


def signature(secret: str, *, method: str, path: str, body: bytes, timestamp: str, nonce: str) -> str:
    """Lower-case hexadecimal digits."""
    return hmac.new(
        secret.encode(), canonical(method, path, body, timestamp, nonce), hashlib.sha256
    ).hexdigest()


def signed_headers(secret: str, *, url: str, body: bytes, timestamp: int) -> dict[str, str]:
    """What a webhook call carries besides its event."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    nonce, at = secrets.token_hex(16), str(timestamp)
    signed = signature(secret, method="POST", path=path, body=body, timestamp=at, nonce=nonce)
    return {
        "X-Askive-Timestamp": at,
        "X-Askive-Nonce": nonce,
        "X-Askive-Signature": f"sha256={signed}",
    }
