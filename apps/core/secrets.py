"""Secrets that must be read again (keys of model providers), encrypted in the database.

SECRETS_KEYS are Fernet keys, the first of which encrypts; all decrypt, so that a key can be exchanged step by
step. The one derived from SECRET_KEY always comes last.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

PURPOSE = b"askive stored secrets, 1"


class Unreadable(Exception):
    """None of the keys fits: SECRET_KEY or SECRETS_KEYS is not the one that it was written with."""


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """Raises Unreadable."""
    if not token:
        return ""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _fernet() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(key) for key in settings.SECRETS_KEYS] + [Fernet(_derived(key)) for key in secrets]
    )


def _derived(secret: str | bytes) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(force_bytes(secret))
    return base64.urlsafe_b64encode(derived)
