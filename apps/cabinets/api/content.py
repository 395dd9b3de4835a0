"""REST: what is inside a document — original, page images, parsed elements, chunks."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.cabinets import access, selectors
from apps.cabinets.api.schemas import ChunkList, ChunkOut, ChunkPatch, OptionsIn
from apps.cabinets.api.schemas_records import PreviewOut, RevisionList
from apps.cabinets.models import Chunk, Document, DocumentVersion, Role
from apps.cabinets.opening import document_opened
from apps.cabinets.pageimages import ENDINGS, page_png, page_svg
from apps.cabinets.services.chunks import chunk_rewrite
from apps.cabinets.services.documents import chunk_update
from apps.cabinets.services.kept import elements_path
from apps.cabinets.services.reading import document_preview
from apps.core.pagination import paginate
from apps.core.problems import Problem, invalid
from apps.rag.errors import ParseError

router = Router(tags=["documents"])
READ, WRITE = ApiKey.Scope.DOCUMENTS_READ, ApiKey.Scope.DOCUMENTS_WRITE
MOST_REVISIONS = 100


def _document(request: HttpRequest, document_id: UUID) -> Document:
    return access.document_for(require_scope(request, READ), document_id)


def _original(request: HttpRequest, document_id: UUID) -> Document:
    """Reading is one right, taking the original away another."""
    return access.document_for(require_scope(request, READ), document_id, download=True)


@router.get("/documents/{uuid:document_id}/file", summary="The original, as an attachment")
def original(request: HttpRequest, document_id: UUID):
    return _taken(request, _original(request, document_id))


@router.get("/documents/{uuid:document_id}/versions/{int:number}/file", summary="The original of a version")
def version_original(request: HttpRequest, document_id: UUID, number: int):
    found = _original(request, document_id)
    row = found.versions.filter(number=number).first()
    if row is None:
        raise Http404
    return _taken(request, found, row)


def _taken(request: HttpRequest, document: Document, version: DocumentVersion | None = None) -> FileResponse:
    answer = _attachment(version or document)
    document_opened(document, by=require_scope(request, READ), action="document.download")
    return answer


def _attachment(held: Document | DocumentVersion) -> FileResponse:
    """Never shown in the application's origin."""
    if not held.file_path.exists():
        raise Http404
    response = FileResponse(held.file_path.open("rb"), content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(held.filename)}"
    response["Content-Length"] = str(held.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    return response


@router.get("/documents/{uuid:document_id}/pages/{int:number}.png", summary="A page as a picture")
def page_image(request: HttpRequest, document_id: UUID, number: int, width: int = 1200):
    """`width` in pixels, 160 to 2000. Only for PDF files and pictures."""
    found = _of_kind(_document(request, document_id), "png")
    if not 160 <= width <= 2000:
        raise invalid("width", _("width must be between 160 and 2000."))
    try:
        image = _cached_page(found, number, width)
    except ParseError as error:
        if error.retryable:
            raise
        raise Http404 from None
    response = HttpResponse(image, content_type="image/png")
    response["Cache-Control"] = "private, max-age=3600"
    return response


@router.get("/documents/{uuid:document_id}/pages/{int:number}.svg", summary="A page of an OFD file, drawn")
def page_drawing(request: HttpRequest, document_id: UUID, number: int):
    """Text, ruled lines and pictures where the file places them; stamps and annotations are left out."""
    found = _of_kind(_document(request, document_id), "svg")
    try:
        drawn = page_svg(found, number)
    except ParseError:
        raise Http404 from None
    response = HttpResponse(drawn, content_type="image/svg+xml")
    response["Content-Security-Policy"] = "default-src 'none'; img-src data:; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _of_kind(document: Document, ending: str) -> Document:
    if ENDINGS.get(document.media_type) != ending:
        raise Problem(404, _("This kind of file has no page images."), code="no_pages")
    return document


def _cached_page(document: Document, number: int, width: int) -> bytes:
    """Rendered once a page and width; the folder goes with the document and can be removed at any time."""
    from apps.cabinets.services.leftovers import parsed_folder

    width = min((160, 400, 800, 1200, 2000), key=lambda step: (step < width, step))
    cached: Path = parsed_folder(document.pk) / f"{document.sha256[:12]}-{number}-{width}.png"
    if cached.exists():
        return cached.read_bytes()
    image = page_png(document, number, width=width)
    cached.parent.mkdir(parents=True, exist_ok=True)
    partial = cached.with_suffix(f".{uuid4().hex}.part")
    partial.write_bytes(image)
    partial.replace(cached)
    return image


@router.get("/documents/{uuid:document_id}/content", summary="The parsed elements")
def content(request: HttpRequest, document_id: UUID):
    found = _document(request, document_id)
    path = elements_path(found.pk, found.active_generation or found.generation)
    if not path.exists():
        raise Problem(409, _("The document has not been read yet."), code="not_ready", retry_after=5)
    return FileResponse(path.open("rb"), content_type="application/json")


@router.get("/documents/{uuid:document_id}/chunks", response=ChunkList, summary="The passages in order")
def chunks(request: HttpRequest, document_id: UUID, limit: int = 50, cursor: str | None = None):
    found = _document(request, document_id)
    items, following = paginate(selectors.chunks_of(found), limit=limit, cursor=cursor, by="index")
    return {"items": items, "next_cursor": following}


@router.patch("/chunks/{uuid:chunk_id}", response=ChunkOut, summary="Correct a passage, switch it on or off")
def chunk(request: HttpRequest, chunk_id: UUID, payload: ChunkPatch):
    user = require_scope(request, WRITE)
    row = Chunk.objects.select_related("document").filter(pk=chunk_id).first()
    if row is None:
        raise Http404
    access.document_for(user, row.document_id, role=Role.CONTRIBUTOR)
    if payload.text is not None:
        row = chunk_rewrite(row, by=user, text=payload.text)
    return chunk_update(row, by=user, enabled=payload.enabled)


@router.get("/chunks/{uuid:chunk_id}/revisions", response=RevisionList, summary="What a passage said before")
def revisions(request: HttpRequest, chunk_id: UUID):
    """The newest first, at most 100; number 1 is what was cut out of the file."""
    user = require_scope(request, READ)
    row = Chunk.objects.filter(pk=chunk_id).first()
    if row is None:
        raise Http404
    access.document_for(user, row.document_id)
    return {"text": row.text, "items": row.revisions.select_related("replaced_by")[:MOST_REVISIONS]}


@router.post(
    "/documents/{uuid:document_id}/preview",
    response=PreviewOut,
    summary="Cut it with other settings, unsaved",
)
def preview(request: HttpRequest, document_id: UUID, payload: OptionsIn):
    """The first 40 passages and the count, from what was read; nothing is changed."""
    user = require_scope(request, WRITE)
    found = access.document_for(user, document_id, role=Role.CONTRIBUTOR)
    cut = document_preview(found, options=payload.dict())
    return {
        "count": cut.count,
        "passages": [
            {
                "index": one.index,
                "text": one.text,
                "headings": list(one.headings),
                "page_start": one.page_start,
            }
            for one in cut.passages
        ],
    }
