"""The provider that the environment names: its addresses and keys, and what it says of who signed in.

Every call goes to the issuer's host or one of OIDC_HOSTS, at an address looked up once; no redirect is followed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from django.conf import settings
from django.core.cache import cache

from apps.net.outbound import guarded_client

CALL_SECONDS = 10.0
DOCUMENT_SECONDS, KEYS_SECONDS = 3600, 600
LARGEST = 512 * 1024
SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY_SECONDS = 60
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


class OidcError(Exception):
    """Why somebody cannot sign in this way; for the log, not for the page."""


@dataclass(frozen=True, slots=True)
class Started:
    """What the session keeps until the person comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


def is_configured() -> bool:
    return bool(settings.OIDC["issuer"] and settings.OIDC["client_id"])


def start(*, redirect_uri: str) -> Started:
    """Where to send the browser. Raises OidcError where the provider cannot be asked."""
    from authlib.common.security import generate_token

    verifier, nonce = generate_token(64), generate_token(32)
    with _client(redirect_uri) as client:
        url, state = client.create_authorization_url(
            _document()["authorization_endpoint"],
            state=generate_token(32),
            nonce=nonce,
            code_verifier=verifier,
        )
    return Started(url, state, nonce, verifier)


def claims_of(code: str, *, redirect_uri: str, verifier: str, nonce: str) -> dict[str, Any]:
    """Exchange the code and read the ID token: its signature, issuer, audience, times and nonce are checked.
    Raises OidcError."""
    from authlib.common.errors import AuthlibBaseError

    try:
        with _client(redirect_uri) as client:
            token = client.fetch_token(_document()["token_endpoint"], code=code, code_verifier=verifier)
    except (AuthlibBaseError, httpx2.HTTPError, ValueError) as error:
        raise OidcError(f"the code was not exchanged: {error}") from error
    if not isinstance(token.get("id_token"), str):
        raise OidcError("the provider sent no ID token")
    return _checked(token["id_token"], nonce=nonce, access_token=token.get("access_token"))


def _checked(id_token: str, *, nonce: str, access_token: str | None) -> dict[str, Any]:
    from authlib.common.errors import AuthlibBaseError
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import JoseError

    told = settings.OIDC
    try:
        decoded = _decoded(id_token)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": _document()["issuer"]},
                "aud": {"essential": True, "value": told["client_id"]},
                "sub": {"essential": True},
            },
            {"nonce": nonce, "client_id": told["client_id"], "access_token": access_token},
        )
        claims.validate(leeway=LEEWAY_SECONDS)
    except (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError) as error:
        raise OidcError(f"the ID token is refused: {type(error).__name__} {error}") from error
    return dict(claims)


def _decoded(id_token: str) -> Any:
    """By the provider's published keys, asked for anew once, since providers change them."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        return jwt.decode(id_token, KeySet.import_key_set(_keys()), algorithms=SIGNATURES)
    except (JoseError, ValueError):
        cache.delete(_cached("keys"))
        return jwt.decode(id_token, KeySet.import_key_set(_keys()), algorithms=SIGNATURES)


def _client(redirect_uri: str) -> Any:
    from authlib.integrations.httpx_client import OAuth2Client

    from apps.net.outbound import GuardedTransport

    told = settings.OIDC
    return OAuth2Client(
        client_id=told["client_id"],
        client_secret=told["client_secret"] or None,
        scope=told["scopes"],
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        transport=GuardedTransport(_hosts()),
        timeout=CALL_SECONDS,
        follow_redirects=False,
        trust_env=False,
    )


def _document() -> dict[str, Any]:
    """The discovery document; its issuer must be the one that was asked."""
    issuer = settings.OIDC["issuer"].rstrip("/")
    if not issuer.startswith("https://") and urlsplit(issuer).hostname not in LOOPBACK:
        raise OidcError("the issuer must be an https address")
    document = _fetched("document", f"{issuer}/.well-known/openid-configuration", DOCUMENT_SECONDS)
    if any(not isinstance(document.get(name), str) for name in NEEDED):
        raise OidcError("the provider's document is not complete")
    if document["issuer"].rstrip("/") != issuer:
        raise OidcError(f"the provider calls itself {document['issuer']}")
    return document


def _keys() -> Any:
    return _fetched("keys", _document()["jwks_uri"], KEYS_SECONDS)


def _fetched(name: str, url: str, seconds: int) -> dict[str, Any]:
    if (kept := cache.get(_cached(name))) is not None:
        return kept
    try:
        with guarded_client(_hosts(), seconds=CALL_SECONDS) as client:
            answer = client.get(url)
        if answer.status_code != 200 or len(answer.content) > LARGEST:
            raise OidcError(f"{url} answered {answer.status_code}")
        found = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise OidcError(f"{url} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise OidcError(f"{url} is no JSON object")
    cache.set(_cached(name), found, seconds)
    return found


def _hosts() -> list[str]:
    return [urlsplit(settings.OIDC["issuer"]).netloc, *settings.OIDC["hosts"]]


def _cached(name: str) -> str:
    return f"oidc:{name}:{hashlib.sha256(settings.OIDC['issuer'].encode()).hexdigest()[:16]}"
