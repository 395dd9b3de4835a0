"""Reads about cabinets and documents."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from apps.accounts.models import User
from apps.cabinets import access, validity
from apps.cabinets.models import Cabinet, Chunk, Document, Folder, Grant
from apps.cabinets.places import remembered
from apps.cabinets.questions import questions_of
from apps.cabinets.queue import queue_lines
from apps.cabinets.readers import Reader, reader_of
from apps.rag.types import Box, Hit, SearchScope, scope_of_places
from apps.rag.types import Chunk as Passage

MAX_SCOPE_IDS = 10_000
MOST_ATTACHED = 1000  # shown on one page of a list
BUSY = (Document.Status.QUEUED, Document.Status.PROCESSING)


def shown_as(*states: str) -> Q:
    """Documents in one of these states as people see them (Document.shown_status)."""
    deepened = Q(deepening=True, status__in=BUSY)
    shown = Q(status__in=states) & ~deepened
    return shown | deepened if Document.Status.READY in states else shown


def cabinets_with_counts(user: User) -> QuerySet[Cabinet]:
    """The person's cabinets with `document_count`, `busy_count` and `failed_count` of what they may see."""
    visible = access.visible_documents(user).filter(cabinet=OuterRef("pk")).order_by()

    def counted(rows: QuerySet[Document]) -> Subquery:
        return Subquery(rows.values("cabinet").annotate(total=Count("pk")).values("total"))

    return access.cabinets_for(user).annotate(
        document_count=counted(visible),
        busy_count=counted(visible.filter(shown_as(*BUSY))),
        failed_count=counted(visible.filter(shown_as(Document.Status.FAILED))),
    )


def folder_tree(user: User, cabinet: Cabinet) -> list[Folder]:
    """The visible folders of a cabinet in path order, each with `depth` (0 for the root) and `document_count`."""
    live = Q(documents__parent=None) & ~Q(documents__status=Document.Status.DELETING)
    if not user.is_superuser:
        live &= Q(documents__secrecy__lte=user.clearance)
    folders = (
        access.folders_for(user)
        .filter(cabinet=cabinet)
        .annotate(document_count=Count("documents", filter=live))
    )
    ordered: list[Folder] = sorted(folders, key=lambda folder: (not folder.is_root, folder.path.split("/")))
    for folder in ordered:
        folder.depth = 0 if folder.is_root else folder.path.count("/") + 1  # type: ignore[attr-defined]
    return ordered


def documents_for(
    user: User,
    *,
    cabinet: Cabinet | None = None,
    folder: Folder | None = None,
    subtree: bool = False,
    status: str = "",
    query: str = "",
) -> QuerySet[Document]:
    found = access.visible_documents(user).filter(cabinet__personal=False)
    found = found.select_related("cabinet", "folder", "created_by")
    if cabinet is not None:
        found = found.filter(cabinet=cabinet)
    if folder is not None:
        found = found.filter(folder__tree__startswith=folder.tree) if subtree else found.filter(folder=folder)
    if status:
        found = found.filter(shown_as(status))
    if query := query.strip()[:200]:
        found = found.filter(Q(title__icontains=query) | Q(filename__icontains=query))
    return found


def attachments_of(user: User, mails: Collection[Document]) -> dict[UUID, list[Document]]:
    """What is attached to these documents, by the document, in the order it was found."""
    found: dict[UUID, list[Document]] = {}
    rows = documents_for(user).filter(parent__in=[mail.pk for mail in mails]).order_by("created_at", "id")
    for row in rows[:MOST_ATTACHED]:
        if row.parent_id is not None:
            found.setdefault(row.parent_id, []).append(row)
    return found


def queue_positions(documents: Collection[Document]) -> dict[UUID, int]:
    """The place of each queued one in the order of service (apps.cabinets.queue), counting from 1."""
    lines = queue_lines(documents)
    return {key: line.position for key, line in lines.items() if line.position is not None}


def chunks_of(document: Document) -> QuerySet[Chunk]:
    """The chunks that are served, or those of the last attempt while nothing is."""
    generation = document.active_generation or document.generation
    return document.chunks.filter(generation=generation)


def grants_of_cabinet(cabinet: Cabinet) -> QuerySet[Grant]:
    return cabinet.grants.select_related("user", "department", "group", "folder").order_by(
        "folder__path", "created_at"
    )


def search_scope(
    user: User | Reader,
    *,
    cabinet_ids: Collection[UUID] | None = None,
    folder_ids: Collection[UUID] | None = None,
    document_ids: Collection[UUID] | None = None,
    as_of: date | None = None,
    any_day: bool = False,
) -> SearchScope:
    """What of the asked-for places the person may search now. Nothing asked for: all that is theirs.

    Only what is in force on the day `as_of` is found, today unless asked otherwise; `any_day`, or naming
    documents one by one, asks for what is repealed or to come as well.
    A cabinet that is wholly theirs is named as such; of one that rights or the question cut, the folders are."""
    if as_of is None and document_ids is None and not any_day:
        as_of = validity.today()
    reader = reader_of(user)
    documents = None
    if document_ids is not None:
        allowed = access.visible_documents(reader).filter(pk__in=list(document_ids)[:MAX_SCOPE_IDS])
        documents = frozenset(allowed.values_list("pk", flat=True))
    cabinets = dict(questions_of(reader).cabinets())
    if cabinet_ids is not None:
        cabinets = {key: cabinets[key] for key in list(cabinet_ids)[:MAX_SCOPE_IDS] if key in cabinets}
    if folder_ids is None:
        found = remembered(reader).places(cabinets.items())
        return scope_of_places(found.whole, found.folders, document_ids=documents, as_of=as_of)
    folders = _subtrees(access.folders_for(reader).filter(cabinet__in=cabinets), folder_ids)
    return SearchScope(
        folder_ids=frozenset(folders.values_list("pk", flat=True)), document_ids=documents, as_of=as_of
    )


def _subtrees(folders: QuerySet[Folder], folder_ids: Collection[UUID]) -> QuerySet[Folder]:
    reach = Q(pk__in=[])
    for tree in folders.filter(pk__in=list(folder_ids)[:1000]).values_list("tree", flat=True):
        reach |= Q(tree__startswith=tree)
    return folders.filter(reach)


def passages_for_hits(
    user: User | Reader, hits: Collection[Hit], *, as_of: date | None = None
) -> dict[UUID, Passage]:
    """The database's word on what the store found: only enabled chunks of the served generation of
    documents that the person may see at this moment, and that were in force on the day `as_of`."""
    return passage_loader(user, as_of=as_of)(hits)


def passage_loader(
    user: User | Reader, *, as_of: date | None = None
) -> Callable[[Collection[Hit]], dict[UUID, Passage]]:
    """As passages_for_hits, for the several times that one search asks."""
    asked = questions_of(reader_of(user))

    def load(hits: Collection[Hit]) -> dict[UUID, Passage]:
        keys = [hit.chunk_id for hit in hits]
        if not keys:
            return {}
        rows = asked.passages(keys=keys) if as_of is None else asked.passages_on(keys=keys, day=as_of)
        return {row[0]: _passage(*row) for row in rows}

    return load


def neighbours_of(
    user: User | Reader, passages: Collection[Passage], *, reach: int, as_of: date | None = None
) -> list[Passage]:
    """What stands at most `reach` places beside these passages, through the same gate as they themselves."""
    if not passages:
        return []
    asked = questions_of(reader_of(user))
    near = {
        "documents": [passage.document_id for passage in passages],
        "generations": [passage.generation for passage in passages],
        "lows": [passage.index - reach for passage in passages],
        "highs": [passage.index + reach for passage in passages],
    }
    rows = asked.neighbours(**near) if as_of is None else asked.neighbours_on(**near, day=as_of)
    return [_passage(*row) for row in rows]


def _passage(
    id: UUID,
    document_id: UUID,
    generation: int,
    index: int,
    title: str,
    text: str,
    headings: list[str],
    page_start: int | None,
    page_end: int | None,
    boxes: list[list[float]],
    sheet: str,
    cells: str,
    language: str,
) -> Passage:
    return Passage(
        id=id,
        document_id=document_id,
        generation=generation,
        index=index,
        title=title,
        text=text,
        headings=tuple(headings),
        page_start=page_start,
        page_end=page_end,
        boxes=tuple(Box(int(box[0]), *box[1:]) for box in boxes),
        sheet=sheet or None,
        cells=cells or None,
        language=language or None,
    )
