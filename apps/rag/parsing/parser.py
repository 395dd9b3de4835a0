"""Chooses the parser for a media type: one table, each parser loaded when first needed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from apps.rag.errors import ParseError
from apps.rag.parsing import sniff
from apps.rag.parsing.build import Builder
from apps.rag.types import Element, ParsedDocument, SourceFile

_HERE = "apps.rag.parsing"
PARSERS: Mapping[str, str] = MappingProxyType(
    {
        sniff.PDF: f"{_HERE}.pdf.document:parse_pdf",
        sniff.DOCX: f"{_HERE}.office.word:parse_docx",
        sniff.XLSX: f"{_HERE}.office.excel:parse_xlsx",
        sniff.PPTX: f"{_HERE}.office.slides:parse_pptx",
        sniff.MARKDOWN: f"{_HERE}.markdown:parse_markdown",
        sniff.HTML: f"{_HERE}.page:parse_html",
        sniff.MHTML: f"{_HERE}.page:parse_mhtml",
        sniff.TEXT: f"{_HERE}.text:parse_text",
        sniff.CSV: f"{_HERE}.csvfile:parse_csv",
        sniff.EMAIL: f"{_HERE}.mail:parse_eml",
        sniff.MSG: f"{_HERE}.outlook:parse_msg",
        sniff.DOC: f"{_HERE}.office.legacy:parse_doc",
        sniff.WPS: f"{_HERE}.office.legacy:parse_doc",
        sniff.PPT: f"{_HERE}.office.legacy:parse_ppt",
        sniff.XLS: f"{_HERE}.office.excel97:parse_xls",
        sniff.ODT: f"{_HERE}.odf.text:parse_odt",
        sniff.ODS: f"{_HERE}.odf.sheets:parse_ods",
        sniff.ODP: f"{_HERE}.odf.slides:parse_odp",
        sniff.RTF: f"{_HERE}.rtf:parse_rtf",
        sniff.EPUB: f"{_HERE}.epub:parse_epub",
        sniff.JSON: f"{_HERE}.jsonfile:parse_json",
        sniff.OFD: f"{_HERE}.ofd.document:parse_ofd",
        sniff.PNG: f"{_HERE}.ocr.pictures:parse_picture",
        sniff.JPEG: f"{_HERE}.ocr.pictures:parse_picture",
        sniff.TIFF: f"{_HERE}.ocr.pictures:parse_picture",
    }
)


# Formats whose long files are never held: these add to a builder and return the document without elements.
STREAMS: Mapping[str, str] = MappingProxyType(
    {sniff.PDF: f"{_HERE}.pdf.document:add_pdf", sniff.XLSX: f"{_HERE}.office.excel:add_xlsx"}
)


class AutoParser:
    """The pipeline's Parser (interfaces.Parser) for every kind of file that is taken."""

    def parse(self, source: SourceFile) -> ParsedDocument:
        """Read one file in this process. Untrusted files go through sandbox.ParserPool instead.
        Raises ParseError with the codes that errors.py lists."""
        return parse_file(source.path, source.media_type)

    def stream(self, source: SourceFile, emit: Callable[[Element], None]) -> ParsedDocument:
        """As `parse`, each element sent to `emit` and none kept (interfaces.StreamingParser)."""
        target = STREAMS.get(source.media_type)
        if target is not None:
            return _guarded(target, source.path, Builder(emit))
        document = parse_file(source.path, source.media_type)
        for element in document.elements:
            emit(element)
        return replace(document, elements=())


def parse_file(path: Path, media_type: str) -> ParsedDocument:
    """Raises ParseError; whatever a library throws at a damaged file becomes code "corrupt"."""
    target = PARSERS.get(media_type)
    if target is None:
        raise ParseError(f"no parser for {media_type}", code="unsupported")
    return _guarded(target, path)


def _guarded(target: str, path: Path, *builder: Builder) -> ParsedDocument:
    if path.stat().st_size == 0:
        raise ParseError("the file has no bytes", code="empty")
    module, _, name = target.partition(":")
    parse: Callable[..., ParsedDocument] = getattr(importlib.import_module(module), name)
    try:
        return parse(path, *builder)
    except (ParseError, ImportError):
        raise
    except MemoryError as error:
        raise ParseError("out of memory", code="memory") from error
    except RecursionError as error:
        raise ParseError("nested too deeply", code="corrupt") from error
    except Exception as error:  # libraries throw anything at damaged files
        raise ParseError(f"{type(error).__name__}: {error}", code="corrupt") from error
