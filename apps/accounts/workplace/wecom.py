"""WeCom (企业微信): a token of the corporation, then the member of the code. People outside the corporation get an
openid instead of a userid and stay outside."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

from apps.accounts.workplace.calls import App, Member, WorkplaceError, app_token, asked, forget_token, text

logger = logging.getLogger(__name__)
PAGE, INSIDE, API = "login.work.weixin.qq.com", "open.weixin.qq.com", "qyapi.weixin.qq.com"
TOKEN_OVER = {40014, 42001}
DISABLED = 2


def address(app: App, *, state: str, redirect_uri: str, challenge: str, inside: bool) -> str:
    """The page with the code to scan; in WeCom's own browser one that needs no click."""
    told = {"appid": app.app_id, "agentid": app.agent_id, "redirect_uri": redirect_uri, "state": state}
    if inside:
        query = urlencode({**told, "response_type": "code", "scope": "snsapi_base"})
        return f"{app.at(INSIDE, '/connect/oauth2/authorize')}?{query}#wechat_redirect"
    return f"{app.at(PAGE, '/wwlogin/sso/login')}?{urlencode({'login_type': 'CorpApp', **told})}"


def is_inside(agent: str) -> bool:
    return "wxwork" in agent.lower()


def member_of(app: App, code: str, *, redirect_uri: str, verifier: str) -> Member:
    """Raises WorkplaceError."""
    found = _call(app, "/cgi-bin/auth/getuserinfo", code=code)
    userid = text(found, "userid")
    if found.get("errcode") != 0 or not userid:
        raise WorkplaceError(f"the code is no member's: {found.get('errcode')}")
    details = _call(app, "/cgi-bin/user/get", userid=userid)
    if details.get("errcode") != 0:
        logger.info("WeCom tells nothing more of %s: %s", userid, details.get("errcode"))
        details = {}
    if details.get("status") == DISABLED:
        raise WorkplaceError(f"{userid} is disabled there")
    return Member(subject=userid, username=userid, display_name=text(details, "name"))


def _call(app: App, path: str, **params: str) -> dict[str, Any]:
    """With the corporation's token, which is asked for anew once where it is over."""
    for _time in range(2):
        token = app_token(app, lambda: _token(app))
        found = asked("GET", app.at(API, path), params={"access_token": token, **params})
        if found.get("errcode") not in TOKEN_OVER:
            break
        forget_token(app)
    return found


def _token(app: App) -> tuple[str, int]:
    told = {"corpid": app.app_id, "corpsecret": app.secret}
    found = asked("GET", app.at(API, "/cgi-bin/gettoken"), params=told)
    token = text(found, "access_token")
    if found.get("errcode") != 0 or not token:
        raise WorkplaceError(f"the corporation's token is refused: {found.get('errcode')}")
    return token, int(found.get("expires_in") or 0)
