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
from apps.rag.parsing import sniff
from apps.rag.parsing.convert import ConvertLimits, convert, program
from apps.rag.types import SourceFile

KINDS = {".docx": "docx", ".txt": "txt", ".md": "md", ".markdown": "md", ".pdf": "pdf"}
OLD = {".doc": "doc", ".wps": "wps"}  # LibreOffice makes Word files of them
CONVERT_SECONDS = 120


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


def as_word(path: Path, kind: str) -> Path:
    """The old file as source.docx beside it. Raises Problem 422 with a sentence where that cannot be done."""
    media_type = {"doc": sniff.DOC, "wps": sniff.WPS}[kind]
    release_connection()
    scratch = Path(settings.SCRATCH_DIR) / f"proofread-{uuid.uuid4()}"
    scratch.mkdir(parents=True)
    try:
        made = convert(path, media_type, scratch, limits=ConvertLimits(seconds=CONVERT_SECONDS))
        return Path(shutil.move(made, path.with_name("source.docx")))
    except ParseError as error:
        raise Problem(422, sentence(error.code), code=error.code) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


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
    """Raises Problem 415, for old files also where LibreOffice is not installed."""
    suffix = Path(name).suffix.lower()
    if suffix in OLD and program() is None:
        raise Problem(415, sentence("needs_libreoffice"), code="needs_libreoffice")
    kind = (KINDS | OLD).get(suffix)
    if kind is None:
        said = _("Only .docx, .doc, .wps, .txt, .md and .pdf files can be proofread.")
        raise Problem(415, said, code="media_type")
    return kind
