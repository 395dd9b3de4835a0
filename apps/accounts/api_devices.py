"""REST: the browsers at which one is signed in, and signing out there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from apps.accounts import devices
from apps.accounts.api import own_session
from apps.accounts.models import Device
from apps.core.problems import Problem

router = Router(tags=["accounts"])
MOST_DEVICES = 100


class DeviceOut(Schema):
    id: UUID
    name: str = Field(description="Such as Chrome · Windows; empty where the browser does not tell.")
    address: str
    created_at: datetime
    seen_at: datetime
    here: bool = Field(description="The one that asks.")


class Ended(Schema):
    ended: int


@router.get("/me/devices", response=list[DeviceOut], summary="Where I am signed in, the last seen first")
def own_devices(request: HttpRequest):
    user = own_session(request)
    here = request.session.get(devices.ID)
    return [_told(row, here=here) for row in devices.devices_of(user)[:MOST_DEVICES]]


def _told(row: Device, *, here: str | None) -> dict[str, object]:
    return {
        "id": row.pk,
        "name": devices.agent_name(row.agent),
        "address": row.address,
        "created_at": row.created_at,
        "seen_at": row.seen_at,
        "here": str(row.pk) == here,
    }


@router.delete("/me/devices", response=Ended, summary="Sign out everywhere else")
def others_end(request: HttpRequest):
    return {"ended": devices.end(devices.others_of(own_session(request), request))}


@router.delete("/me/devices/{uuid:device_id}", response={204: None}, summary="Sign out at one device")
def device_end(request: HttpRequest, device_id: UUID):
    """The one that asks signs out at the page, where its cookie ends with it."""
    user = own_session(request)
    if str(device_id) == request.session.get(devices.ID):
        raise Problem(409, _("This is the device that you are using. Sign out here instead."), code="here")
    if not devices.end(devices.devices_of(user).filter(pk=device_id)):
        raise Http404
    return Status(204, None)
