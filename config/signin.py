"""Ways to sign in besides the password: what the environment says of them (docs/sign-in.md)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env

WORKPLACES = ("wecom", "dingtalk", "feishu", "lark")


def oidc() -> dict[str, Any]:
    """Empty issuer or client: no such way. Names of claims may be empty: nothing is taken from them."""
    return {
        "issuer": env.text("OIDC_ISSUER").rstrip("/"),
        "client_id": env.text("OIDC_CLIENT_ID"),
        "client_secret": env.text("OIDC_CLIENT_SECRET"),
        "name": env.text("OIDC_NAME", "OpenID Connect"),
        "scopes": env.text("OIDC_SCOPES", "openid profile email"),
        "hosts": env.words("OIDC_HOSTS"),
        "redirect_uri": env.text("OIDC_REDIRECT_URI"),
        "username_claim": env.text("OIDC_USERNAME_CLAIM", "preferred_username"),
        "groups_claim": env.text("OIDC_GROUPS_CLAIM", "groups"),
        "departments_claim": env.text("OIDC_DEPARTMENTS_CLAIM"),
        "administrators": env.text("OIDC_ADMINISTRATORS"),
        "create": env.flag("OIDC_CREATE", default=True),
        "link": env.flag("OIDC_LINK"),
    }


def workplace() -> dict[str, Any]:
    """WeCom, DingTalk, Feishu or Lark; an empty kind: none of them."""
    told = {
        "kind": env.text("WORKPLACE_KIND").lower(),
        "app_id": env.text("WORKPLACE_APP_ID"),
        "secret": env.text("WORKPLACE_SECRET"),
        "agent_id": env.text("WORKPLACE_AGENT_ID"),
        "name": env.text("WORKPLACE_NAME"),
        "url": env.text("WORKPLACE_URL").rstrip("/"),
        "redirect_uri": env.text("WORKPLACE_REDIRECT_URI"),
        "create": env.flag("WORKPLACE_CREATE", default=True),
        "link": env.flag("WORKPLACE_LINK"),
    }
    if not told["kind"]:
        return told
    if told["kind"] not in WORKPLACES:
        raise ImproperlyConfigured(f"WORKPLACE_KIND must be one of {', '.join(WORKPLACES)}.")
    needed = ["app_id", "secret", *(["agent_id"] if told["kind"] == "wecom" else [])]
    if missing := [f"WORKPLACE_{name.upper()}" for name in needed if not told[name]]:
        raise ImproperlyConfigured(f"WORKPLACE_KIND={told['kind']} needs {' and '.join(missing)}.")
    return told


def ldap() -> dict[str, Any]:
    """Empty url or base: no directory. `department` is an attribute, or "dn" for the units in the name;
    without `sync_hours` nobody is taken over but by command."""
    return {
        "url": env.text("LDAP_URL"),
        "starttls": env.flag("LDAP_STARTTLS"),
        "ca_file": env.text("LDAP_CA_FILE"),
        "bind_dn": env.text("LDAP_BIND_DN"),
        "bind_password": env.text("LDAP_BIND_PASSWORD"),
        "base": env.text("LDAP_BASE"),
        "people_filter": env.text("LDAP_PEOPLE_FILTER", "(objectClass=person)"),
        "username": env.text("LDAP_USERNAME", "uid"),
        "name": env.text("LDAP_NAME", "displayName"),
        "id": env.text("LDAP_ID", "entryUUID"),
        "department": env.text("LDAP_DEPARTMENT"),
        "groups_base": env.text("LDAP_GROUPS_BASE"),
        "create": env.flag("LDAP_CREATE", default=True),
        "link": env.flag("LDAP_LINK"),
        "sync_hours": env.decimal("LDAP_SYNC_HOURS", 24),
    }
