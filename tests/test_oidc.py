"""Signing in over OpenID Connect, against a provider on the wire: who gets in, as whom, and every way not to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.cache import cache
from django.test import Client
from joserfc import jwt

from apps.accounts.models import Group, Identity, User
from apps.accounts.services import user_set_active
from tests.factories import make_user
from tests.fakes import oidc_provider
from tests.fakes.oidc_provider import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running():
    with oidc_provider.served() as provider:
        yield provider


@pytest.fixture
def provider(running, settings) -> Provider:
    running.claims = {"sub": "1", "preferred_username": "wang", "name": "王芳"}
    running.bend, running.sign = lambda claims: claims, None
    running.asked.clear()
    settings.OIDC = {
        **settings.OIDC,
        "issuer": running.address,
        "client_id": oidc_provider.CLIENT,
        "client_secret": oidc_provider.SECRET,
        "departments_claim": "departments",
    }
    return running


def begun(client: Client, **query: str) -> str:
    """The address at the provider to which the browser is sent."""
    answer = client.get("/login/oidc/", query)
    assert answer.status_code == 302
    return answer["Location"]


def approved(url: str) -> str:
    """Where the provider sends the browser back to, as an address of ours."""
    back = urlsplit(httpx.get(url).headers["Location"])
    return f"{back.path}?{back.query}"


def sign_in(client: Client | None = None, **query: str) -> Client:
    client = client or Client()
    client.last = client.get(approved(begun(client, **query)))
    return client


def name_of(client: Client) -> str | None:
    answer = client.get("/api/v1/me")
    return answer.json()["username"] if answer.status_code == 200 else None


def test_a_newcomer_gets_an_account_and_is_the_same_person_next_time(provider):
    first = sign_in(next="/cabinets/")
    assert (name_of(first), first.last["Location"]) == ("wang", "/cabinets/")
    provider.claims["preferred_username"] = "renamed"
    assert name_of(sign_in()) == "wang"
    user = User.objects.get()
    assert (user.display_name, user.has_usable_password(), user.is_superuser) == ("王芳", False, False)


def test_what_is_sent_there_is_bound_to_this_browser(provider):
    query = parse_qs(urlsplit(begun(Client())).query)
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert {len(query[name][0]) > 20 for name in ("state", "nonce", "code_challenge")} == {True}
    assert query["redirect_uri"] == ["http://testserver/login/oidc/back/"]
    assert "secret" not in str(query)


def test_the_answer_of_another_browser_is_refused(provider):
    """A state of somebody else's session: nobody is signed in to an attacker's account."""
    attacker, victim = Client(), Client()
    address = approved(begun(attacker))
    begun(victim)
    assert victim.get(address)["Location"] == "/login/?said=provider"
    assert name_of(victim) is None


def test_an_answer_is_good_once(provider):
    client = Client()
    address = approved(begun(client))
    client.get(address)
    client.post("/logout/")
    assert name_of(client) is None
    client.get(address)
    assert name_of(client) is None


def test_a_code_stolen_on_the_way_is_worth_nothing_without_the_verifier(provider):
    thief = Client()
    url = begun(thief)
    stolen = parse_qs(urlsplit(approved(begun(Client()))).query)["code"][0]
    state = parse_qs(urlsplit(url).query)["state"][0]
    thief.get("/login/oidc/back/", {"code": stolen, "state": state})
    assert name_of(thief) is None
    assert not User.objects.exists()


def other_audience(claims):
    return {**claims, "aud": "another"}


def several_audiences(claims):
    return {**claims, "aud": ["askive", "another"], "azp": "another"}


BENT = {
    "another issuer": lambda claims: {**claims, "iss": "https://evil.example"},
    "another audience": other_audience,
    "meant for another party": several_audiences,
    "expired": lambda claims: {**claims, "exp": int(time.time()) - 3600},
    "another nonce": lambda claims: {**claims, "nonce": "x"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "no subject": lambda claims: {name: value for name, value in claims.items() if name != "sub"},
    "issued tomorrow": lambda claims: {**claims, "iat": int(time.time()) + 90_000},
}


@pytest.mark.parametrize("bent", BENT)
def test_a_token_with_something_wrong_is_refused(provider, bent):
    provider.bend = BENT[bent]
    assert name_of(sign_in()) is None
    assert not User.objects.exists()


def test_a_token_signed_by_another_key_is_refused(provider):
    stranger = oidc_provider.new_key()
    for header in ({"alg": "RS256", "kid": provider.key.kid}, {"alg": "RS256", "kid": stranger.kid}):
        provider.sign = lambda claims, header=header: jwt.encode(header, claims, stranger)
        assert name_of(sign_in()) is None


def test_a_token_without_a_signature_or_signed_with_what_is_public_is_refused(provider):
    public = provider.key.as_pem(private=False)

    def with_public(header: str) -> bytes:
        return hmac.new(public, header.encode(), hashlib.sha256).digest()

    for algorithm, signature in (("HS256", with_public), ("none", lambda _text: b"")):
        provider.sign = lambda claims, algorithm=algorithm, signature=signature: _token(
            {"alg": algorithm, "kid": provider.key.kid}, claims, signature
        )
        assert name_of(sign_in()) is None, algorithm


def _token(header: dict, claims: dict, signature) -> str:
    def coded(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    text = f"{coded(json.dumps(header).encode())}.{coded(json.dumps(claims).encode())}"
    return f"{text}.{coded(signature(text))}"


def test_new_keys_of_the_provider_are_learned(provider):
    assert name_of(sign_in()) == "wang"
    provider.key = oidc_provider.new_key()
    assert name_of(sign_in()) == "wang"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_it_leads_to_no_other_site(provider, target):
    assert sign_in(next=target).last["Location"] == "/"


def test_a_name_that_is_taken_here_is_not_taken_over(provider, settings):
    make_user("wang", is_administrator=True)
    assert name_of(sign_in()) is None
    assert not Identity.objects.exists()
    settings.OIDC = {**settings.OIDC, "link": True}
    assert name_of(sign_in()) == "wang", "where the provider's names are trusted"


def test_where_accounts_are_not_made_a_stranger_stays_outside(provider, settings):
    settings.OIDC = {**settings.OIDC, "create": False}
    assert name_of(sign_in()) is None
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["", "a b", "<script>", "x" * 200, "../etc"])
def test_a_name_that_is_none_is_refused(provider, name):
    provider.claims["preferred_username"] = name
    assert name_of(sign_in()) is None


def test_a_deactivated_person_is_refused_with_the_same_words(provider):
    sign_in()
    user = User.objects.get()
    user_set_active(by=make_user("root", is_administrator=True), user=user, active=False)
    client = sign_in()
    assert name_of(client) is None
    page = client.get(client.last["Location"], HTTP_ACCEPT_LANGUAGE="en").content
    assert b"Signing in there did not work" in page


def test_groups_and_departments_follow_what_the_provider_tells(provider):
    by_hand = Group.objects.create(name="By hand")
    provider.claims |= {"groups": ["Legal", "/Project A", "By hand"], "departments": ["Head office/Finance"]}
    sign_in()
    user = User.objects.get()
    assert {group.name for group in user.teams.all()} == {"Legal", "Project A"}, (
        "not into groups of people here"
    )
    assert [one.path for one in user.departments.all()] == ["Head office/Finance"]
    user.teams.add(by_hand)
    provider.claims |= {"groups": ["Legal"], "departments": "Audit"}
    sign_in()
    assert {group.name for group in user.teams.all()} == {"Legal", "By hand"}
    assert [one.path for one in user.departments.all()] == ["Audit"]


def test_administrators_follow_their_group_where_one_is_named(provider, settings):
    settings.OIDC = {**settings.OIDC, "administrators": "admins"}
    provider.claims["groups"] = ["admins"]
    sign_in()
    assert User.objects.get().is_superuser
    provider.claims["groups"] = []
    sign_in()
    assert not User.objects.get().is_superuser


def test_an_answer_of_another_provider_or_an_error_is_refused(provider):
    for change in ({"iss": "https://evil.example"}, {"error": "access_denied"}, {"code": ""}):
        client = Client()
        url = urlsplit(approved(begun(client)))
        query = {name: values[0] for name, values in parse_qs(url.query).items()} | change
        assert client.get(url.path, query)["Location"] == "/login/?said=provider"


def test_a_provider_that_is_away_or_not_itself_is_told_on_the_page(provider, settings, monkeypatch):
    document = provider.document()
    monkeypatch.setattr(provider, "document", lambda: {**document, "issuer": "https://evil.example"})
    assert Client().get("/login/oidc/")["Location"] == "/login/?said=provider"
    for issuer in ("http://127.0.0.1:9", "http://sso.example.org", "ftp://127.0.0.1"):
        settings.OIDC = {**settings.OIDC, "issuer": issuer}
        assert Client().get("/login/oidc/")["Location"] == "/login/?said=provider"


def test_endpoints_at_hosts_that_are_not_listed_are_not_called(provider, monkeypatch):
    document = provider.document()
    elsewhere = provider.address.replace("127.0.0.1", "localhost")
    monkeypatch.setattr(provider, "document", lambda: {**document, "token_endpoint": f"{elsewhere}/token"})
    assert name_of(sign_in()) is None
    assert "/token" not in provider.asked


def test_the_button_stands_where_it_is_set_up_and_keeps_the_way(provider, settings):
    settings.OIDC = {**settings.OIDC, "name": "统一认证"}
    page = Client().get("/login/?next=/cabinets/").content.decode()
    assert "统一认证" in page
    assert 'href="/login/oidc/?next=/cabinets/"' in page
    settings.OIDC = {**settings.OIDC, "issuer": ""}
    assert "/login/oidc/" not in Client().get("/login/").content.decode()
    assert Client().get("/login/oidc/").status_code == 404


@pytest.fixture(autouse=True)
def forgotten():
    cache.clear()
