"""Browsers that are signed in: named for their owner, and ended from afar."""

from __future__ import annotations

import re
import time
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import Device, User
from apps.accounts.throttle import address_of

ID, SEEN = "device", "device_seen"  # in the session
SEEN_SECONDS = 600  # between two notes that a device was seen
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("wxwork", "WeCom"),
    ("DingTalk", "DingTalk"),
    ("Lark", "Feishu"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def enter(request: HttpRequest, user: User, *, backend: str | None = None) -> None:
    """Sign the person in at this browser, in a session of a new key."""
    login(request, user, backend=backend)
    agent = re.sub(r"[\x00-\x1f\x7f]", "", request.headers.get("User-Agent", ""))[:300]
    if not request.session.session_key:
        request.session.create()
    device, _made = Device.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={"user": user, "address": address_of(request)[:64], "agent": agent},
    )
    request.session[ID], request.session[SEEN] = str(device.pk), int(time.time())


def leave(request: HttpRequest) -> None:
    if found := request.session.get(ID):
        Device.objects.filter(pk=found).delete()
    logout(request)


def note(request: HttpRequest) -> None:
    """That the device was seen, each ten minutes; called with every request of a session."""
    session = request.session
    if ID not in session or time.time() - session.get(SEEN, 0) < SEEN_SECONDS:
        return
    session[SEEN] = int(time.time())
    Device.objects.filter(pk=session[ID]).update(seen_at=timezone.now(), address=address_of(request)[:64])


def moved(request: HttpRequest) -> None:
    """The session got a new key, as it does when the password changes."""
    if found := request.session.get(ID):
        Device.objects.filter(pk=found).update(session_key=request.session.session_key)


def devices_of(user: User) -> QuerySet[Device]:
    """Those whose sessions have not ended."""
    live = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return Device.objects.filter(user=user, session_key__in=live)


def others_of(user: User, request: HttpRequest) -> QuerySet[Device]:
    """All but the one that asks."""
    known: Any = request.session.get(ID)
    return devices_of(user).exclude(pk=known)


def end(devices: QuerySet[Device]) -> int:
    """Sign out at these devices, from the next request on. How many there were."""
    rows = list(devices)
    for device in rows:
        _store(device.session_key).delete()
    return Device.objects.filter(pk__in=[device.pk for device in rows]).delete()[1].get("accounts.Device", 0)


def end_all(user: User) -> None:
    end(Device.objects.filter(user=user))


def agent_name(agent: str) -> str:
    """ "Chrome · Windows"; "" where nothing is known of it."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found))


def _store(session_key: str) -> SessionBase:
    return import_module(settings.SESSION_ENGINE).SessionStore(session_key)
