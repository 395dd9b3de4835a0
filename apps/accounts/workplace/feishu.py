"""Feishu (飞书) and Lark: OAuth 2 with PKCE, people in an envelope of its own. An app that the organisation made
for itself lets nobody else in."""

from __future__ import annotations

from urllib.parse import urlencode

from apps.accounts.workplace.calls import App, Member, WorkplaceError, asked, needed, text

DOMAINS = {"feishu": "feishu.cn", "lark": "larksuite.com"}


def address(app: App, *, state: str, redirect_uri: str, challenge: str, inside: bool) -> str:
    told = {
        "client_id": app.app_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{_at(app, 'accounts', '/open-apis/authen/v1/authorize')}?{urlencode(told)}"


def is_inside(agent: str) -> bool:
    return False  # the same page there


def member_of(app: App, code: str, *, redirect_uri: str, verifier: str) -> Member:
    """Raises WorkplaceError."""
    told = {
        "grant_type": "authorization_code",
        "client_id": app.app_id,
        "client_secret": app.secret,
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    found = asked("POST", _at(app, "open", "/open-apis/authen/v2/oauth/token"), body=told)
    if found.get("code") != 0:
        raise WorkplaceError(f"the code was not exchanged: {found.get('code')}")
    token = needed(found, "access_token", of="the exchange of the code")
    bearer = {"Authorization": f"Bearer {token}"}
    answer = asked("GET", _at(app, "open", "/open-apis/authen/v1/user_info"), headers=bearer)
    person = answer.get("data")
    if answer.get("code") != 0 or not isinstance(person, dict):
        raise WorkplaceError(f"the person was not told: {answer.get('code')}")
    return Member(
        subject=needed(person, "union_id", of="the person"),
        username=text(person, "user_id") or needed(person, "open_id", of="the person"),
        display_name=text(person, "name"),
    )


def _at(app: App, part: str, path: str) -> str:
    return app.at(f"{part}.{DOMAINS[app.kind]}", path)
