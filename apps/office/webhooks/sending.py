"""Sending a delivery: the host is judged again, looked up once and called at that very address; no redirects."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from apps.core.secrets import Unreadable, decrypt
from apps.net.outbound import is_allowed
from apps.office.webhooks.models import Delivery, Webhook
from apps.office.webhooks.signing import signed_headers

logger = logging.getLogger(__name__)
# Minutes before the second, third … attempt; after the last the delivery is given up.
WAITS = (0.5, 2, 10, 60, 360, 1440)
SECONDS = 10.0
GIVEN_UP_MOST = 10  # deliveries in a row; then the webhook is switched off
LEASE = timedelta(minutes=2)
BATCH = 200


def deliver(delivery_id: UUID) -> None:
    """One attempt, if it is due and nobody else makes it."""
    now = timezone.now()
    due = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.PENDING, next_at__lte=now)
    if not due.update(next_at=now + LEASE, attempts=F("attempts") + 1):
        return
    delivery = Delivery.objects.select_related("webhook").get(pk=delivery_id)
    started = time.perf_counter()
    status, error = _sent(delivery)
    entry = {
        "at": now.isoformat(timespec="seconds"),
        "status": status,
        "error": error,
        "ms": round((time.perf_counter() - started) * 1000),
    }
    _settle(delivery, entry, good=status is not None and 200 <= status < 300)


def _settle(delivery: Delivery, entry: dict[str, Any], *, good: bool) -> None:
    delivery.log = [*delivery.log, entry][-len(WAITS) - 1 :]
    hook = Webhook.objects.filter(pk=delivery.webhook_id)
    if good:
        delivery.state = Delivery.State.DELIVERED
        hook.update(failures=0)
    elif delivery.attempts > len(WAITS):
        delivery.state = Delivery.State.FAILED
        hook.update(failures=F("failures") + 1)
        if hook.filter(failures__gte=GIVEN_UP_MOST).update(enabled=False):
            logger.warning("the webhook %s is switched off: nobody takes what it tells", delivery.webhook_id)
    else:
        delivery.next_at = timezone.now() + timedelta(minutes=WAITS[delivery.attempts - 1])
    delivery.save(update_fields=["log", "state", "next_at"])


def _sent(delivery: Delivery) -> tuple[int | None, str]:
    """(status, error). The answer's body is not looked at."""
    hook = delivery.webhook
    if not is_allowed(hook.url, settings.WEBHOOK_ALLOWED_HOSTS):
        return None, "host_not_allowed"
    try:
        secret = decrypt(hook.secret)
    except Unreadable:
        return None, "secret_unreadable"
    body = json.dumps({"id": str(delivery.pk), **delivery.payload}, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Askive",
        "X-Askive-Event": delivery.event,
        "X-Askive-Delivery": str(delivery.pk),
        **signed_headers(secret, url=hook.url, body=body, timestamp=int(time.time())),
    }
    return asyncio.run(_post(hook.url, body, headers))


async def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int | None, str]:
    import httpx2

    from apps.net.outbound import PinnedTransport

    transport = PinnedTransport(verify=httpx2.create_ssl_context(), limits=httpx2.Limits(max_connections=1))
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx2.AsyncClient(transport=transport, follow_redirects=False, timeout=SECONDS) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            return answer.status_code, ""
    except TimeoutError:
        return None, "timeout"
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        return None, type(error).__name__


def deliveries_due() -> list[UUID]:
    """Pending ones whose time has come, oldest first; those of webhooks that are switched off wait."""
    due = Q(state=Delivery.State.PENDING, next_at__lte=timezone.now(), webhook__enabled=True)
    return list(Delivery.objects.filter(due).order_by("next_at").values_list("pk", flat=True)[:BATCH])
