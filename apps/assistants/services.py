"""Providers of chat models: entered by administrators, on allowed hosts, with keys that go to their host alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.assistants.endpoints import Listed, list_models
from apps.assistants.models import Provider
from apps.assistants.providers import catalogue
from apps.assistants.selectors import MOST_PROVIDERS, Endpoint, endpoint_of, host_is_allowed
from apps.core.database import release_connection
from apps.core.problems import Problem, invalid
from apps.core.secrets import encrypt
from apps.rag.errors import ModelError

LONGEST_URL, LONGEST_KEY = 300, 500


@transaction.atomic
def provider_create(
    *, by: User, name: str, base_url: str, api_key: str = "", model: str = "", is_default: bool = False
) -> Provider:
    if Provider.objects.count() >= MOST_PROVIDERS:
        raise Problem(409, _("There are %(most)d providers already.") % {"most": MOST_PROVIDERS}, code="most")
    provider = Provider(name=_named(name), base_url=_checked(base_url), model=model.strip())
    provider.key = encrypt(_key(api_key))
    is_default = is_default or not Provider.objects.exists()
    return _save(provider, by=by, action="provider.create", is_default=is_default)


@transaction.atomic
def provider_update(*, by: User, provider: Provider, changes: dict[str, Any]) -> Provider:
    """What is not in `changes` stays. Another host needs its own key: the stored one stays with the old."""
    if "base_url" in changes:
        base_url = _checked(changes["base_url"])
        if origin(base_url) != origin(provider.base_url) and provider.key and "api_key" not in changes:
            raise invalid("api_key", _("Enter the key for the new host: the stored one is not sent there."))
        provider.base_url = base_url
    if "name" in changes:
        provider.name = _named(changes["name"])
    if "api_key" in changes:
        provider.key = encrypt(_key(changes["api_key"]))
    provider.model = changes.get("model", provider.model).strip()
    provider.enabled = changes.get("enabled", provider.enabled)
    is_default = changes.get("is_default", provider.is_default)
    return _save(provider, by=by, action="provider.update", is_default=is_default)


@transaction.atomic
def provider_delete(*, by: User, provider: Provider) -> None:
    audit_record(by, action="provider.delete", target=provider)
    provider.delete()
    transaction.on_commit(catalogue.forget)


def provider_try(*, base_url: str, api_key: str | None, provider: Provider | None) -> Listed:
    """Ask an endpoint for its models. A stored key is used only for the very host that it was entered for."""
    endpoint = Endpoint(_checked(base_url), _key(api_key or ""))
    if provider is not None and api_key is None and origin(base_url) == origin(provider.base_url):
        try:
            endpoint = Endpoint(endpoint.base_url, endpoint_of(provider).api_key)
        except ModelError as error:
            return Listed(error=error.code, detail=error.detail)
    release_connection()
    return list_models([endpoint])[0]


def origin(base_url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what a key belongs to."""
    parts = urlsplit(base_url)
    return (
        parts.scheme,
        (parts.hostname or "").lower(),
        parts.port or (443 if parts.scheme == "https" else 80),
    )


def _save(provider: Provider, *, by: User, action: str, is_default: bool) -> Provider:
    if is_default:
        Provider.objects.filter(is_default=True).exclude(pk=provider.pk).update(is_default=False)
    provider.is_default = is_default
    try:
        with transaction.atomic():
            provider.save()
    except IntegrityError:
        raise invalid("name", _("There is a provider of this name already.")) from None
    detail = {"base_url": provider.base_url, "model": provider.model, "enabled": provider.enabled}
    audit_record(by, action=action, target=provider, detail=detail)
    transaction.on_commit(catalogue.forget)
    return provider


def _named(name: str) -> str:
    if not (name := name.strip()):
        raise invalid("name", _("Fill this in."))
    return name[:80]


def _key(api_key: str) -> str:
    key = api_key.strip()
    if (
        len(key) > LONGEST_KEY
        or not key.isascii()
        or any(char.isspace() or not char.isprintable() for char in key)
    ):
        raise invalid(
            "api_key", _("This is not a key: it may hold letters, digits and signs without spaces.")
        )
    return key


def _checked(base_url: str) -> str:
    """A plain http(s) address on an allowed host. Raises Problem 422."""
    url = base_url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        plain = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        plain = False
    if (
        not plain
        or len(url) > LONGEST_URL
        or parts.username
        or parts.query
        or parts.fragment
        or not url.isprintable()
    ):
        raise invalid("base_url", _("Enter an address such as http://gpu-server:8000/v1."))
    if not host_is_allowed(url):
        hosts = {"hosts": ", ".join(settings.LLM_ALLOWED_HOSTS)}
        raise invalid(
            "base_url",
            _(
                "This host is not allowed. Allowed are: %(hosts)s. LLM_ALLOWED_HOSTS in the environment adds others."
            )
            % hosts,
        )
    return url
