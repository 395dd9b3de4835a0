"""DingTalk (钉钉): everybody with DingTalk can approve the page, so who came back is looked up among the members of
the organisation that the app belongs to."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from apps.accounts.workplace.calls import App, Member, WorkplaceError, app_token, asked, needed, text

logger = logging.getLogger(__name__)
PAGE, API, OLD_API = "login.dingtalk.com", "api.dingtalk.com", "oapi.dingtalk.com"
TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105 - a header's name
MEMBER = 0  # contact_type; 1 is an outside contact


def address(app: App, *, state: str, redirect_uri: str, challenge: str, inside: bool) -> str:
    told = {
        "client_id": app.app_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": "openid",
        "state": state,
        "prompt": "consent",
    }
    return f"{app.at(PAGE, '/oauth2/auth')}?{urlencode(told)}"


def is_inside(agent: str) -> bool:
    return False  # the same page there


def member_of(app: App, code: str, *, redirect_uri: str, verifier: str) -> Member:
    """Raises WorkplaceError."""
    told = {
        "clientId": app.app_id,
        "clientSecret": app.secret,
        "code": code,
        "grantType": "authorization_code",
    }
    found = asked("POST", app.at(API, "/v1.0/oauth2/userAccessToken"), body=told)
    token = needed(found, "accessToken", of="the exchange of the code")
    person = asked("GET", app.at(API, "/v1.0/contact/users/me"), headers={TOKEN_HEADER: token})
    union_id = needed(person, "unionId", of="the person")
    userid = _userid(app, union_id)
    return Member(subject=union_id, username=userid, display_name=_name(app, userid) or text(person, "nick"))


def _userid(app: App, union_id: str) -> str:
    found = _old(app, "/topapi/user/getbyunionid", unionid=union_id)
    result = found.get("result")
    if not isinstance(result, dict) or found.get("errcode") != 0 or result.get("contact_type") != MEMBER:
        raise WorkplaceError(f"no member of the organisation: {found.get('errcode')}")
    return needed(result, "userid", of="the member")


def _name(app: App, userid: str) -> str:
    """As the organisation has it; "" where the app may not read it."""
    found = _old(app, "/topapi/v2/user/get", userid=userid)
    result = found.get("result")
    return text(result, "name") if isinstance(result, dict) else ""


def _old(app: App, path: str, **body: str) -> dict:
    token = app_token(app, lambda: _token(app))
    return asked("POST", app.at(OLD_API, path), params={"access_token": token}, body=body)


def _token(app: App) -> tuple[str, int]:
    told = {"appKey": app.app_id, "appSecret": app.secret}
    found = asked("POST", app.at(API, "/v1.0/oauth2/accessToken"), body=told)
    return needed(found, "accessToken", of="the app's token"), int(found.get("expireIn") or 0)
