"""Shapes of the REST contract for rights. What gives a right is read strictly: "true" and "3" are refused."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StrictBool, StrictInt

RoleName = Literal["viewer", "contributor", "manager"]


class GrantEntry(Schema):
    subject: str = Field(
        ..., max_length=700, examples=["user:alice", "department:总部/财务部", "group:年报", "everyone"]
    )
    role: RoleName
    download: StrictBool = Field(True, description="Without it a viewer reads and does not get the original.")


class SecrecyIn(Schema):
    secrecy: Annotated[StrictInt, Field(ge=0, le=3)]


class InheritanceIn(Schema):
    inherits: StrictBool
    keep: StrictBool = True
