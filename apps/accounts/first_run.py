"""The first administrator, made when there is none: with a password that is shown until it is changed, or on a
page (/setup/) by whoever knows the code that the server keeps in its data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import user_create
from apps.core.problems import Problem, invalid

NAME = "admin"


def administrator_ensure() -> tuple[str, str | None]:
    """(user name, password), the password None once it was changed from the generated one."""
    if not User.objects.filter(is_superuser=True).exists():
        password = secrets.token_urlsafe(12)
        _password_file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(_password_file(), os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
            file.write(password)
        user_create(by=None, username=NAME, password=password, is_administrator=True)
        return NAME, password
    return NAME, _unchanged_password()


def is_open() -> bool:
    """Whether the set-up page exists: only while nobody administers."""
    return not User.objects.filter(is_superuser=True).exists()


def setup_code() -> str | None:
    """The code of the set-up page, made once and kept in the data folder; None once somebody administers."""
    if not is_open():
        return None
    path = _code_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(18))
    return path.read_text().strip()


def administrator_set_up(*, code: str, username: str, password: str) -> User:
    """The first administrator, by the code. Raises Problem. Of two at once only one gets the code's file."""
    kept = setup_code()
    if kept is None or not secrets.compare_digest(kept.encode(), code.encode()):
        raise invalid("code", _("This is not the code of this server."))
    claimed = _code_file().with_suffix(f".{secrets.token_hex(4)}")
    try:
        _code_file().rename(claimed)
    except FileNotFoundError:
        raise Problem(409, _("Somebody else is setting this server up."), code="exists") from None
    try:
        user = user_create(by=None, username=username, password=password, is_administrator=True)
    except BaseException:
        claimed.rename(_code_file())
        raise
    claimed.unlink()
    return user


def _code_file() -> Path:
    return settings.DATA_DIR / "secrets" / "setup-code"


def _unchanged_password() -> str | None:
    path = _password_file()
    if not path.exists():
        return None
    password = path.read_text().strip()
    user = User.objects.filter(username=NAME).first()
    if user is not None and user.check_password(password):
        return password
    path.unlink()
    return None


def _password_file() -> Path:
    return settings.DATA_DIR / "secrets" / "first-password"
