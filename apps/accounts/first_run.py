"""The first administrator: made when there is none, with a password that is shown until it is changed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from apps.accounts.models import User
from apps.accounts.services import user_create

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
