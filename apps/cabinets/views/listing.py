"""What the address of a cabinet's table asks for, checked and bounded."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict

from apps.accounts.models import User
from apps.cabinets.models import Cabinet, Document, Folder
from apps.cabinets.selectors import BUSY, documents_for, shown_as
from apps.cabinets.validity import Validity, validity_of, validity_word
from apps.cabinets.views.status import StatusLine, status_lines

PAGE_SIZE = 50
MAX_PAGE = 10_000
SORTS = {
    "name": "title",
    "kind": "media_type",
    "status": "status",
    "pages": "page_count",
    "size": "size",
    "owner": "created_by__username",
    "updated": "updated_at",
    "added": "created_at",
}
FILTERS = ("ready", "busy", "failed")


@dataclass(frozen=True, slots=True)
class Listing:
    """A search or a status looks below the folder too; plain browsing shows the folder itself."""

    query: str = ""
    status: str = ""
    sort: str = "-added"
    page: int = 1

    @classmethod
    def of(cls, asked: QueryDict) -> Listing:
        """Unknown values fall back to the default: an old bookmark still opens."""
        sort, page = asked.get("sort", ""), asked.get("page", "")
        return cls(
            query=asked.get("q", "").replace("\0", "").strip()[:200],
            status=asked.get("status", "") if asked.get("status") in FILTERS else "",
            sort=sort if sort.removeprefix("-") in SORTS else "-added",
            page=min(int(page), MAX_PAGE) if page.isascii() and page.isdigit() and int(page) else 1,
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.query or self.status)

    def address(self, **changes: object) -> str:
        """The query string of this listing with some values changed; going elsewhere starts at page 1."""
        values = {"q": self.query, "status": self.status, "sort": self.sort, "page": 1, **changes}
        kept = {k: v for k, v in values.items() if v and (k, v) not in {("sort", "-added"), ("page", 1)}}
        return "?" + urlencode(kept)


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    href: str
    direction: str  # "", ascending or descending: the value of aria-sort
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    document: Document
    status: StatusLine
    kind: str
    may_change: bool
    validity: Validity
    validity_word: str


def find(user: User, listing: Listing, *, cabinet: Cabinet, folder: Folder | None) -> Page[Document]:
    """One page of documents; without a folder (its top is not the person's) only a search finds any."""
    documents: QuerySet[Document] = documents_for(
        user, cabinet=cabinet, folder=folder, subtree=listing.narrowed, query=listing.query
    )
    if not listing.narrowed:
        documents = documents.filter(parent=None)  # attachments stand below their mail
    if folder is None and not listing.narrowed:
        documents = documents.none()
    if listing.status == "busy":
        documents = documents.filter(shown_as(*BUSY))
    elif listing.status:
        documents = documents.filter(shown_as(listing.status))
    field = SORTS[listing.sort.removeprefix("-")]
    order = f"-{field}" if listing.sort.startswith("-") else field
    return Paginator(documents.order_by(order, "id"), PAGE_SIZE).get_page(listing.page)


def rows_of(documents: list[Document], *, changeable: set[UUID]) -> list[Row]:
    """Rows with their state; `changeable` holds the folders in which the person may change documents."""
    lines = status_lines(documents)
    return [
        Row(
            document, lines[document.pk], kind_of(document.filename), document.folder_id in changeable,
            state := validity_of(document), validity_word(state),
        )
        for document in documents
    ]  # fmt: skip


def kind_of(filename: str) -> str:
    """The kind as people name it: the extension in capitals."""
    stem, dot, extension = filename.rpartition(".")
    return extension.upper()[:8] if dot and stem else ""
