"""Shapes of the REST contract for rights. What gives a right is read strictly: "true" and "3" are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import StrictBool, StrictInt

from apps.cabinets.models import AccessRequest

RoleName = Literal["viewer", "contributor", "manager"]


class GrantEntry(Schema):
    subject: str = Field(
        ..., max_length=700, examples=["user:alice", "department:总部/财务部", "group:年报", "everyone"]
    )
    role: RoleName
    download: StrictBool = Field(True, description="Without it a viewer reads and does not get the original.")


class SecrecyIn(Schema):
    secrecy: Annotated[StrictInt, Field(ge=0, le=3)]


class RequestIn(Schema):
    target: UUID = Field(description="A document, a folder or a cabinet.")
    role: RoleName = "viewer"
    reason: str = Field("", max_length=500)


class OwnRequestOut(Schema):
    id: UUID
    target: UUID
    role: RoleName
    reason: str
    state: Literal["open", "approved", "refused"]
    created_at: datetime


class RequestOut(OwnRequestOut):
    username: str = Field(alias="user.username")
    cabinet_id: UUID
    cabinet: str = Field(alias="cabinet.name")
    folder: str
    title: str
    cleared: bool = Field(
        description="False: approving does not help before an administrator raises the clearance."
    )

    @staticmethod
    def resolve_folder(request: AccessRequest) -> str:
        return request.folder.path if request.folder is not None else ""


class InheritanceIn(Schema):
    inherits: StrictBool
    keep: StrictBool = True
