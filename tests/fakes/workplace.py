"""WeCom, DingTalk and Feishu over the wire, as far as a sign-in goes: their addresses, their envelopes, their errors.

A test says who approves the page (`person`) and which calls fail (`answers`: path → what is answered instead)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

APP, SECRET, AGENT = "app-1", "a secret / with + marks", "1000002"
PAGES = {"/wwlogin/sso/login", "/connect/oauth2/authorize", "/oauth2/auth", "/open-apis/authen/v1/authorize"}
Answer = tuple[int, dict[str, Any]]


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Workplace:
    """`person` has id, name; `stranger` is somebody outside the organisation."""

    address: str = ""
    person: dict[str, str] = field(default_factory=dict)
    stranger: bool = False
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)

    def clear(self) -> None:
        self.person, self.stranger = {"id": "wang.fang", "name": "王芳"}, False
        for kept in (self.answers, self.codes, self.tokens, self.calls):
            kept.clear()

    @property
    def asked(self) -> list[str]:
        return [call.path for call in self.calls]

    def approve(self, call: Call) -> str:
        """The address to which the browser goes back."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = call.query
        name = "authCode" if call.path == "/oauth2/auth" else "code"
        return f"{call.query['redirect_uri']}?{urlencode({name: code, 'state': call.query['state']})}"

    def answer(self, call: Call) -> Answer:
        if call.path in self.answers:
            return self.answers[call.path]()
        handler = {
            "/cgi-bin/gettoken": self._wecom_token,
            "/cgi-bin/auth/getuserinfo": self._wecom_member,
            "/cgi-bin/user/get": self._wecom_details,
            "/v1.0/oauth2/userAccessToken": self._dingtalk_exchange,
            "/v1.0/contact/users/me": self._dingtalk_person,
            "/v1.0/oauth2/accessToken": self._dingtalk_token,
            "/topapi/user/getbyunionid": self._dingtalk_member,
            "/topapi/v2/user/get": self._dingtalk_details,
            "/open-apis/authen/v2/oauth/token": self._feishu_exchange,
            "/open-apis/authen/v1/user_info": self._feishu_person,
        }.get(call.path)
        return handler(call) if handler else (404, {"errcode": 404, "code": 404})

    def _issued(self) -> str:
        token = secrets.token_urlsafe(12)
        self.tokens.add(token)
        return token

    def _wecom_token(self, call: Call) -> Answer:
        if (call.query.get("corpid"), call.query.get("corpsecret")) != (APP, SECRET):
            return 200, {"errcode": 40001, "errmsg": "invalid credential"}
        return 200, {"errcode": 0, "errmsg": "ok", "access_token": self._issued(), "expires_in": 7200}

    def _wecom_member(self, call: Call) -> Answer:
        if call.query["access_token"] not in self.tokens:
            return 200, {"errcode": 42001, "errmsg": "access_token expired"}
        if self.codes.pop(call.query["code"], None) is None:
            return 200, {"errcode": 40029, "errmsg": "invalid code"}
        who = {"openid": "o-stranger"} if self.stranger else {"userid": self.person["id"]}
        return 200, {"errcode": 0, "errmsg": "ok", **who}

    def _wecom_details(self, call: Call) -> Answer:
        assert call.query["userid"] == self.person["id"]
        return 200, {"errcode": 0, "userid": self.person["id"], "name": self.person["name"], "status": 1}

    def _dingtalk_exchange(self, call: Call) -> Answer:
        right = (call.body["clientId"], call.body["clientSecret"]) == (APP, SECRET)
        if not right or self.codes.pop(call.body["code"], None) is None:
            return 400, {"code": "invalidParameter.authCode.notFound", "message": "no such code"}
        return 200, {"accessToken": self._issued(), "refreshToken": "r", "expireIn": 7200}

    def _dingtalk_person(self, call: Call) -> Answer:
        if call.headers.get("x-acs-dingtalk-access-token") not in self.tokens:
            return 403, {"code": "Forbidden.AccessDenied"}
        return 200, {"nick": "芳芳", "unionId": f"union-{self.person['id']}", "openId": "o1"}

    def _dingtalk_token(self, call: Call) -> Answer:
        if (call.body["appKey"], call.body["appSecret"]) != (APP, SECRET):
            return 400, {"code": "invalidClientIdOrSecret"}
        return 200, {"accessToken": self._issued(), "expireIn": 7200}

    def _dingtalk_member(self, call: Call) -> Answer:
        if call.query.get("access_token") not in self.tokens or self.stranger:
            return 200, {"errcode": 60121, "errmsg": "找不到该用户"}
        return 200, {"errcode": 0, "result": {"contact_type": 0, "userid": self.person["id"]}}

    def _dingtalk_details(self, call: Call) -> Answer:
        return 200, {"errcode": 0, "result": {"userid": call.body["userid"], "name": self.person["name"]}}

    def _feishu_exchange(self, call: Call) -> Answer:
        asked = self.codes.pop(call.body["code"], {})
        digest = hashlib.sha256(call.body["code_verifier"].encode()).digest()
        right = (
            (call.body["client_id"], call.body["client_secret"]) == (APP, SECRET)
            and asked.get("code_challenge") == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            and asked.get("redirect_uri") == call.body["redirect_uri"]
        )
        if not right or self.stranger:
            return 400, {"code": 20003, "error": "invalid_grant"}
        return 200, {"code": 0, "access_token": self._issued(), "token_type": "Bearer", "expires_in": 7200}

    def _feishu_person(self, call: Call) -> Answer:
        if call.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 401, {"code": 99991668, "msg": "invalid access token"}
        told = {"union_id": f"on_{self.person['id']}", "open_id": "ou_1", "user_id": self.person["id"]}
        return 200, {"code": 0, "msg": "success", "data": {**told, "name": self.person["name"]}}


@contextmanager
def served() -> Iterator[Workplace]:
    workplace = Workplace()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._served("GET", {})

        def do_POST(self) -> None:
            self._served("POST", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _served(self, method: str, body: dict[str, Any]) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(method, address.path, query, body, headers)
            workplace.calls.append(call)
            if address.path in PAGES:
                self.send_response(302)
                self.send_header("Location", workplace.approve(call))
                self.end_headers()
                return
            status, told = workplace.answer(call)
            raw = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Location", "http://localhost:9/")  # only of meaning with a redirect
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_arguments: Any) -> None:
            """Quiet: a test reads `calls`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    workplace.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield workplace
    finally:
        server.shutdown()
        server.server_close()
