"""The second step of signing in: a code of an authenticator (RFC 6238), or one of ten recovery codes."""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
import time

from django.db import transaction
from django.utils import timezone

from apps.accounts import devices
from apps.accounts.models import RecoveryCode, TwoStep, User
from apps.accounts.trail import audit_record
from apps.core.secrets import Unreadable, decrypt, encrypt

ISSUER = "Askive"
STEP_SECONDS = 30
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what looks alike


def is_on(user: User) -> bool:
    return TwoStep.objects.filter(user=user).exclude(confirmed_at=None).exists()


def begin(user: User) -> str:
    """The secret to put into an authenticator. One that waits for its first code stays the same."""
    import pyotp

    waiting = TwoStep.objects.filter(user=user, confirmed_at=None).first()
    if waiting is not None:
        try:
            return decrypt(waiting.secret)
        except Unreadable:
            waiting.delete()
    secret = pyotp.random_base32()
    TwoStep.objects.get_or_create(user=user, defaults={"secret": encrypt(secret)})
    return secret


def picture(user: User, secret: str) -> str:
    """The QR code of the secret as a data: address of an SVG."""
    import pyotp
    import segno

    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER)
    out = io.BytesIO()
    segno.make(uri, error="m").save(
        out, kind="svg", scale=5, border=3, dark="#000", light="#fff", xmldecl=False
    )
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()


@transaction.atomic
def confirm(user: User, code: str) -> list[str] | None:
    """Turn it on with the first code. The recovery codes, shown this once; None where the code is wrong."""
    row = TwoStep.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if row is None or not _takes(row, code):
        return None
    row.confirmed_at = timezone.now()
    row.save(update_fields=["confirmed_at", "last_step"])
    audit_record(user, action="two_step.on", target=user)
    return _new_codes(user)


@transaction.atomic
def renew_codes(user: User) -> list[str]:
    audit_record(user, action="two_step.codes", target=user)
    return _new_codes(user)


@transaction.atomic
def turn_off(user: User, *, by: User) -> None:
    """By an administrator for somebody else: who has the lost phone may also have a browser of theirs."""
    TwoStep.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    if by != user:
        devices.end_all(user)
    audit_record(by, action="two_step.off", target=user)


@transaction.atomic
def check(user: User, code: str) -> bool:
    """Whether the code is right now, or a recovery code that was not used. Either works once."""
    row = TwoStep.objects.select_for_update().filter(user=user).exclude(confirmed_at=None).first()
    if row is None:
        return False
    if _takes(row, code):
        row.save(update_fields=["last_step"])
        return True
    unused = RecoveryCode.objects.filter(user=user, hash=_digest(code), used_at=None)
    if not unused.update(used_at=timezone.now()):
        return False
    audit_record(user, action="two_step.recovery", target=user)
    return True


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _takes(row: TwoStep, code: str) -> bool:
    """One step before and after the clock are taken, and never one that is not after the last."""
    import pyotp

    digits = "".join(code.split())
    try:
        totp = pyotp.TOTP(decrypt(row.secret))
    except Unreadable:
        return False
    now = int(time.time()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if step > row.last_step and secrets.compare_digest(
            totp.at(step * STEP_SECONDS).encode(), digits.encode()
        ):
            row.last_step = step
            return True
    return False


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(CODES)
    ]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, hash=_digest(code)) for code in codes)
    return codes


def _digest(code: str) -> str:
    """Typed with or without dashes and in any case; the 79 random bits need no slow hash."""
    bare = "".join(letter for letter in code.lower() if letter in ALPHABET)
    return hashlib.sha256(bare.encode()).hexdigest()
