"""The workplace app that the environment names."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from types import ModuleType

from django.conf import settings
from django.utils.translation import gettext as _

from apps.accounts.workplace import dingtalk, feishu, wecom
from apps.accounts.workplace.calls import App, Member

KINDS: dict[str, ModuleType] = {"wecom": wecom, "dingtalk": dingtalk, "feishu": feishu, "lark": feishu}


@dataclass(frozen=True, slots=True)
class Started:
    """What the session keeps until the person comes back. The state has letters and digits alone: WeCom takes
    nothing else."""

    url: str
    state: str
    verifier: str


def is_configured() -> bool:
    return bool(settings.WORKPLACE["kind"])


def name() -> str:
    """What stands on the button."""
    usual = {"wecom": _("WeCom"), "dingtalk": _("DingTalk"), "feishu": _("Feishu"), "lark": "Lark"}
    return settings.WORKPLACE["name"] or usual.get(settings.WORKPLACE["kind"], "")


def issuer() -> str:
    return f"{settings.WORKPLACE['kind']}:{settings.WORKPLACE['app_id']}"[:300]


def start(*, redirect_uri: str, agent: str) -> Started:
    """Where to send the browser, which calls itself `agent`. Raises WorkplaceError."""
    app, kind = _app()
    state, verifier = secrets.token_hex(24), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    url = kind.address(
        app, state=state, redirect_uri=redirect_uri, challenge=challenge, inside=kind.is_inside(agent)
    )
    return Started(url, state, verifier)


def member_of(code: str, *, redirect_uri: str, verifier: str) -> Member:
    """Whose code this is. Raises WorkplaceError."""
    app, kind = _app()
    return kind.member_of(app, code, redirect_uri=redirect_uri, verifier=verifier)


def _app() -> tuple[App, ModuleType]:
    told = settings.WORKPLACE
    names = ("kind", "app_id", "secret", "agent_id", "url")
    return App(**{name: told[name] for name in names}), KINDS[told["kind"]]
