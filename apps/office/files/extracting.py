"""The text of a file that is to be proofread, and of a Word file what it says of its pages."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from apps.cabinets.messages import sentence
from apps.core.database import release_connection
from apps.core.problems import Problem
from apps.office.files.docx.layout import layout_of
from apps.office.files.docx.package import Package
from apps.office.files.docx.reading import DocxText
from apps.office.proofreading.page_layout import PageLayout
from apps.rag import components
from apps.rag.encoding import decode
from apps.rag.errors import ParseError
from apps.rag.types import SourceFile

KINDS = {".docx": "docx", ".txt": "txt", ".md": "md", ".markdown": "md", ".pdf": "pdf"}


def extracted(path: Path, kind: str) -> tuple[str, PageLayout | None]:
    """Raises Problem 422 with a sentence for a file that cannot be read."""
    try:
        if kind == "docx":
            document = DocxText(Package(path.read_bytes()))
            return document.text, layout_of(document)
        if kind == "pdf":
            return _of_pdf(path), None
        return decode(path.read_bytes()).text, None
    except ParseError as error:
        raise Problem(422, sentence(error.code), code=error.code) from error


def _of_pdf(path: Path) -> str:
    """By the parser in its child process; a paragraph a line."""
    nobody = uuid.uuid4()
    source = SourceFile(
        document_id=nobody, generation=1, cabinet_id=nobody, folder_id=nobody, title=path.name, path=path,
        media_type="application/pdf",
    )  # fmt: skip
    release_connection()
    scratch = Path(settings.SCRATCH_DIR) / f"proofread-{nobody}"
    scratch.mkdir(parents=True)
    try:
        prepared = components.parser_pool().prepare(
            source, workdir=scratch, limits=components.parser_limits(), depth="basic"
        )
        return "\n".join(element.text for element in prepared.elements() if element.text)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def kind_of_file(name: str) -> str:
    """Raises Problem 415."""
    kind = KINDS.get(Path(name).suffix.lower())
    if kind is None:
        raise Problem(415, _("Only .docx, .txt, .md and .pdf files can be proofread."), code="media_type")
    return kind
