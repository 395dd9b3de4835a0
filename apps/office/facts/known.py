"""What the cabinets know by title, number and issuer: read anew for each draft, so that rights hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.cabinets.access import visible_documents
from apps.cabinets.validity import today

MOST_DOCUMENTS = 3_000  # the newest; a draft quotes what is near
_SPACE = re.compile(r"\s+")
_YEAR = re.compile(r"[\[（(【［〔]\s*(\d{4})\s*[\]）)】］〕]")


def bare_title(title: str) -> str:
    """Without marks and spaces, for comparing."""
    return re.sub(r"[\s《》〈〉“”\"'·]", "", title)


def plain_number(number: str) -> str:
    """云水发〔2026〕3号, however its brackets were written."""
    return _YEAR.sub(r"〔\1〕", _SPACE.sub("", number)).replace("第", "")


@dataclass(frozen=True, slots=True)
class Known:
    """A document. `ended`: repealed or superseded by today, `by` the title of what took its place."""

    id: UUID
    title: str
    number: str
    issuer: str
    ended: str = ""
    by: str = ""

    @property
    def source(self) -> dict[str, str]:
        return {
            "document_id": str(self.id),
            "title": self.title,
            "document_number": self.number,
            "url": f"/documents/{self.id}/",
        }


class Shelf:
    """The newest documents that a person may read, of chosen cabinets or of all."""

    def __init__(self, user: User, *, cabinet_ids: Sequence[UUID] | None = None) -> None:
        rows = visible_documents(user).exclude(active_generation=None)
        if cabinet_ids is not None:
            rows = rows.filter(cabinet__in=list(cabinet_ids))
        columns = ("pk", "title", "metadata", "suggested", "repealed_on", "superseded_by__title")
        self.documents = [
            _known(*row) for row in rows.order_by("-created_at").values_list(*columns)[:MOST_DOCUMENTS]
        ]

    @cached_property
    def by_number(self) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = {}
        for known in self.documents:
            if known.number:
                found.setdefault(plain_number(known.number), []).append(known)
        return found

    @cached_property
    def by_title(self) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = {}
        for known in self.documents:
            found.setdefault(bare_title(known.title), []).append(known)
        return found

    @cached_property
    def issuers(self) -> frozenset[str]:
        return frozenset(known.issuer for known in self.documents if 3 <= len(known.issuer) <= 40)


def _known(
    key: UUID, title: str, metadata: Any, suggested: Any, repealed_on: Any, successor: str | None
) -> Known:
    facts = {**(suggested or {}), **(metadata or {})}
    ended = repealed_on.isoformat() if repealed_on is not None and repealed_on <= today() else ""
    number, issuer = (_text(facts.get(name)) for name in ("document_number", "issuer"))
    return Known(
        key,
        title.rsplit(".", 1)[0] if title.endswith((".docx", ".pdf")) else title,
        number,
        issuer,
        ended,
        successor or "",
    )


def _text(value: object) -> str:
    """Of a fact: plain, or as {"value": …} where it was suggested with its place."""
    if isinstance(value, dict):
        value = value.get("value", "")
    return value if isinstance(value, str) else ""
