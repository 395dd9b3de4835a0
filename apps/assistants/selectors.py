"""Reads of providers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import QuerySet

from apps.assistants.models import Provider
from apps.core.secrets import Unreadable, decrypt
from apps.rag.errors import ModelError

logger = logging.getLogger(__name__)
MOST_PROVIDERS = 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A provider as it is called: its key in the clear, never shown."""

    base_url: str
    api_key: str = field(default="", repr=False)
    model: str = ""


def providers() -> QuerySet[Provider]:
    return Provider.objects.all()[:MOST_PROVIDERS]


def usable_endpoints() -> list[Endpoint]:
    """Those that are switched on, on an allowed host and with a key that can be read; the default first."""
    found = []
    for provider in Provider.objects.filter(enabled=True)[:MOST_PROVIDERS]:
        if not host_is_allowed(provider.base_url):
            logger.warning("the host of the provider %s is not in LLM_ALLOWED_HOSTS", provider.name)
            continue
        try:
            found.append(endpoint_of(provider))
        except ModelError as error:
            logger.warning("the provider %s: %s", provider.name, error.detail)
    return found


def endpoint_of(provider: Provider) -> Endpoint:
    """Raises ModelError model_auth where the key cannot be decrypted any more."""
    try:
        key = decrypt(provider.key)
    except Unreadable:
        raise ModelError("the stored key cannot be read: enter it again", code="model_auth") from None
    return Endpoint(provider.base_url, key, provider.model)


def host_is_allowed(base_url: str) -> bool:
    from apps.net.outbound import is_allowed

    return is_allowed(base_url, settings.LLM_ALLOWED_HOSTS)
