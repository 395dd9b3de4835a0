"""Signing in over WeCom, DingTalk and Feishu, against stand-ins on the wire: who gets in, as whom, and every way
not to."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from apps.accounts import second_step
from apps.accounts.models import Identity, User
from apps.accounts.services import user_set_active
from apps.accounts.workplace.calls import App, WorkplaceError
from config import signin
from tests.factories import make_user
from tests.fakes import workplace as fake
from tests.fakes.workplace import Workplace

pytestmark = pytest.mark.django_db
KINDS = ("wecom", "dingtalk", "feishu", "lark")
REFUSED = "/login/?said=provider"
SUBJECTS = {
    "wecom": "wang.fang",
    "dingtalk": "union-wang.fang",
    "feishu": "on_wang.fang",
    "lark": "on_wang.fang",
}
EXCHANGES = {
    "wecom": "/cgi-bin/auth/getuserinfo",
    "dingtalk": "/v1.0/oauth2/userAccessToken",
    "feishu": "/open-apis/authen/v2/oauth/token",
}


@pytest.fixture(scope="module")
def running():
    with fake.served() as workplace:
        yield workplace


@pytest.fixture
def at(running, settings):
    """Set a kind up at the stand-in."""
    running.clear()

    def set_up(kind: str, **more) -> Workplace:
        settings.WORKPLACE = {
            "kind": kind, "app_id": fake.APP, "secret": fake.SECRET, "agent_id": fake.AGENT, "name": "",
            "url": running.address, "redirect_uri": "", "create": True, "link": False, **more,
        }  # fmt: skip
        return running

    return set_up


def begun(client: Client, **query: str) -> str:
    answer = client.get("/login/workplace/", query)
    assert answer.status_code == 302
    return answer["Location"]


def approved(url: str) -> str:
    """Where the browser is sent back to, as an address of ours."""
    back = urlsplit(httpx.get(url).headers["Location"])
    return f"{back.path}?{back.query}"


def sign_in(client: Client | None = None, **query: str) -> Client:
    client = client or Client()
    client.last = client.get(approved(begun(client, **query)))
    return client


def name_of(client: Client) -> str | None:
    answer = client.get("/api/v1/me")
    return answer.json()["username"] if answer.status_code == 200 else None


@pytest.mark.parametrize("kind", KINDS)
class TestEachKind:
    def test_a_newcomer_gets_an_account_and_is_the_same_person_next_time(self, at, kind):
        at(kind)
        first = sign_in(next="/cabinets/")
        assert (name_of(first), first.last["Location"]) == ("wang.fang", "/cabinets/")
        assert name_of(sign_in()) == "wang.fang"
        user = User.objects.get()
        assert (user.display_name, user.has_usable_password(), user.is_superuser) == ("王芳", False, False)
        identity = Identity.objects.get()
        assert (identity.issuer, identity.subject) == (f"{kind}:{fake.APP}", SUBJECTS[kind])

    def test_the_answer_of_another_browser_or_a_second_time_is_refused(self, at, kind):
        at(kind)
        attacker, victim = Client(), Client()
        address = approved(begun(attacker))
        begun(victim)
        assert victim.get(address)["Location"] == REFUSED
        assert name_of(victim) is None
        attacker.get(address)
        attacker.post("/logout/")
        assert attacker.get(address)["Location"] == REFUSED
        assert name_of(attacker) is None

    def test_somebody_outside_the_organisation_stays_outside(self, at, kind):
        at(kind).stranger = True
        client = sign_in()
        assert (name_of(client), client.last["Location"]) == (None, REFUSED)
        assert not User.objects.exists()

    def test_a_wrong_secret_lets_nobody_in(self, at, kind):
        at(kind, secret="another")
        assert name_of(sign_in()) is None

    def test_a_name_that_is_taken_here_is_not_taken_over_unless_names_are_trusted(self, at, kind):
        at(kind)
        make_user("wang.fang", is_administrator=True)
        assert name_of(sign_in()) is None
        assert not Identity.objects.exists()
        at(kind, link=True)
        assert name_of(sign_in()) == "wang.fang"

    def test_the_deactivated_and_the_unknown_are_refused_with_the_same_words(self, at, kind):
        at(kind)
        sign_in()
        user_set_active(by=None, user=User.objects.get(), active=False)
        deactivated = sign_in()
        at(kind, create=False).person = {"id": "li", "name": "李"}
        unknown = sign_in()
        assert {name_of(client) for client in (deactivated, unknown)} == {None}
        pages = [
            client.get(client.last["Location"], HTTP_ACCEPT_LANGUAGE="en").context["said"]
            for client in (deactivated, unknown)
        ]
        assert set(pages) == {"Signing in there did not work. Try again, or ask an administrator."}

    def test_an_answer_that_is_none_is_refused(self, at, kind):
        workplace = at(kind)
        path = EXCHANGES["feishu" if kind == "lark" else kind]
        for answer in (
            (500, {}),
            (302, {}),
            (200, []),
            (200, {}),
            (200, {"errcode": 0, "code": 0, "userid": 7}),
        ):
            workplace.answers[path] = lambda answer=answer: answer
            assert name_of(sign_in()) is None, answer
        assert not User.objects.exists()

    def test_a_return_without_a_code_asks_nobody(self, at, kind):
        workplace = at(kind)
        client = Client()
        state = parse_qs(urlsplit(begun(client)).query)["state"][0]
        for query in ({"state": state}, {"code": "x"}, {"state": "x", "code": "x"}):
            assert client.get("/login/workplace/back/", query)["Location"] == REFUSED
        assert workplace.calls == []

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_it_leads_to_no_other_site(self, at, kind, target):
        at(kind)
        assert sign_in(next=target).last["Location"] == "/"


class TestWhatIsSent:
    """The public addresses, without a stand-in: nothing is called to begin."""

    def query(self, at, kind: str, **headers: str) -> tuple[str, dict[str, str]]:
        at(kind, url="")
        url = urlsplit(Client().get("/login/workplace/", **headers)["Location"])
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        assert query["redirect_uri"] == "http://testserver/login/workplace/back/"
        assert query["state"].isalnum()
        assert len(query["state"]) == 48
        assert fake.SECRET not in str(query)
        return f"{url.scheme}://{url.netloc}{url.path}", query

    def test_wecom_shows_its_code_and_needs_no_click_in_its_own_browser(self, at):
        where, query = self.query(at, "wecom")
        assert where == "https://login.work.weixin.qq.com/wwlogin/sso/login"
        assert (query["login_type"], query["appid"], query["agentid"]) == ("CorpApp", fake.APP, fake.AGENT)
        where, query = self.query(at, "wecom", HTTP_USER_AGENT="Mozilla/5.0 wxwork/4.1 MicroMessenger/7.0")
        assert where == "https://open.weixin.qq.com/connect/oauth2/authorize"
        assert (query["scope"], query["response_type"]) == ("snsapi_base", "code")

    def test_dingtalk(self, at):
        where, query = self.query(at, "dingtalk")
        assert where == "https://login.dingtalk.com/oauth2/auth"
        assert (query["client_id"], query["scope"], query["prompt"]) == (fake.APP, "openid", "consent")

    @pytest.mark.parametrize(
        ("kind", "host"), [("feishu", "accounts.feishu.cn"), ("lark", "accounts.larksuite.com")]
    )
    def test_feishu_and_lark_with_pkce(self, at, kind, host):
        where, query = self.query(at, kind)
        assert where == f"https://{host}/open-apis/authen/v1/authorize"
        assert (query["client_id"], query["code_challenge_method"]) == (fake.APP, "S256")
        assert len(query["code_challenge"]) == 43


class TestWecom:
    def test_the_corporations_token_is_kept_and_asked_for_anew_when_it_is_over(self, at):
        workplace = at("wecom")
        sign_in()
        sign_in()
        assert workplace.asked.count("/cgi-bin/gettoken") == 1
        workplace.tokens.clear()
        assert name_of(sign_in()) == "wang.fang"
        assert workplace.asked.count("/cgi-bin/gettoken") == 2

    def test_without_the_right_to_read_details_the_name_is_missing_and_nothing_else(self, at):
        at("wecom").answers["/cgi-bin/user/get"] = lambda: (200, {"errcode": 48002})
        assert name_of(sign_in()) == "wang.fang"
        assert User.objects.get().display_name == ""

    def test_who_is_disabled_there_stays_outside(self, at):
        at("wecom").answers["/cgi-bin/user/get"] = lambda: (200, {"errcode": 0, "status": 2})
        assert name_of(sign_in()) is None


def test_dingtalk_lets_an_outside_contact_not_in(at):
    at("dingtalk").answers["/topapi/user/getbyunionid"] = lambda: (
        200,
        {"errcode": 0, "result": {"contact_type": 1, "userid": "guest"}},
    )
    assert name_of(sign_in()) is None


def test_feishu_without_the_right_to_the_user_id_takes_the_open_id(at):
    told = {"union_id": "on_1", "open_id": "ou_1", "name": "王芳"}
    at("feishu").answers["/open-apis/authen/v1/user_info"] = lambda: (200, {"code": 0, "data": told})
    assert name_of(sign_in()) == "ou_1"


def test_a_stolen_code_of_feishu_is_worth_nothing_without_the_verifier(at):
    at("feishu")
    thief = Client()
    state = parse_qs(urlsplit(begun(thief)).query)["state"][0]
    stolen = parse_qs(urlsplit(approved(begun(Client()))).query)["code"][0]
    thief.get("/login/workplace/back/", {"code": stolen, "state": state})
    assert name_of(thief) is None


def test_secrets_do_not_reach_the_log(at, caplog):
    workplace = at("wecom")
    workplace.answers["/cgi-bin/gettoken"] = lambda: (500, {})
    sign_in()
    assert "gettoken answered 500" in caplog.text
    assert "corpsecret" not in caplog.text
    at("wecom", url="http://127.0.0.1:9")
    Client().get("/login/workplace/")
    with pytest.raises(WorkplaceError, match="https"):
        App("wecom", "a", "s", "1", "http://wecom.example.org").at("", "/cgi-bin/gettoken")


def test_an_address_that_may_not_be_called_is_not(at):
    """The cloud's own metadata, by a deployment's address that leads there."""
    workplace = at("dingtalk", url="https://169.254.169.254")
    client = Client()
    state = parse_qs(urlsplit(begun(client)).query)["state"][0]
    answer = client.get("/login/workplace/back/", {"code": "x", "state": state})
    assert answer["Location"] == REFUSED
    assert workplace.calls == []


def test_it_stands_for_the_second_step_where_providers_do(at):
    at("wecom")
    root = make_user("root", is_administrator=True)
    second_step.rule_set(by=root, whom="everybody", providers_too=False)
    assert name_of(sign_in()) == "wang.fang"
    second_step.rule_set(by=root, whom="everybody", providers_too=True)
    assert sign_in().get("/cabinets/").status_code == 302


def test_the_button_stands_where_it_is_set_up(at):
    at("wecom")
    page = Client(HTTP_ACCEPT_LANGUAGE="zh").get("/login/?next=/cabinets/").content.decode()
    assert "使用 企业微信 登录" in page
    assert 'href="/login/workplace/?next=/cabinets/"' in page
    at("")
    assert "/login/workplace/" not in Client().get("/login/").content.decode()
    assert {Client().get(f"/login/workplace/{end}").status_code for end in ("", "back/")} == {404}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"WORKPLACE_KIND": "slack"}, "must be one of"),
        ({"WORKPLACE_KIND": "wecom", "WORKPLACE_APP_ID": "x"}, "WORKPLACE_SECRET and WORKPLACE_AGENT_ID"),
    ],
)
def test_settings_that_cannot_work_are_told_at_the_start(monkeypatch, told, said):
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=said):
        signin.workplace()
