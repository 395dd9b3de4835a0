"""Files inside a mail: each is parsed as if it had been uploaded, and stands under its name."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePath

from apps.rag.errors import ParseError
from apps.rag.parsing.apart import MOST, lay_aside
from apps.rag.parsing.build import Builder
from apps.rag.parsing.notes import note
from apps.rag.parsing.ocr.session import session
from apps.rag.parsing.sniff import HEAD_BYTES, media_type_for
from apps.rag.parsing.ways import attachments_apart

_PASSED_OVER = ("unsupported", "empty")  # logos, signatures, calendars: nobody misses them
_ASKS_FOR_MORE = ("needs_ocr",)  # not a fault of the attachment: the whole mail is read once more


def add_attachments(files: Sequence[tuple[str, bytes]], builder: Builder, *, above: tuple[str, ...]) -> None:
    """Add (name, bytes) pairs below the headings `above`; what cannot be read becomes a warning."""
    if not files:
        return
    builder.add("list", "附件 Attachments: " + ", ".join(name for name, _ in files))
    if len(files) > MOST:
        builder.warn(note("attachments_cut", kept=MOST))
    for name, data in files[:MOST]:
        _add(name, data, builder, above)


def _add(name: str, data: bytes, builder: Builder, above: tuple[str, ...]) -> None:
    from apps.rag.parsing.parser import parse_file

    put_off = session().put_off
    try:
        media_type = media_type_for(name, data[:HEAD_BYTES])
        if attachments_apart():
            lay_aside(name, media_type, data)
            return
        with tempfile.NamedTemporaryFile(suffix=PurePath(name).suffix) as file:
            file.write(data)
            file.flush()
            document = parse_file(Path(file.name), media_type)
    except ParseError as error:
        if error.code in _ASKS_FOR_MORE:
            raise
        if attachments_apart():
            builder.warn(_refusal(name, error))
        elif session().put_off > put_off:
            builder.warn(note("attachment_later", name=name))
        elif error.code not in _PASSED_OVER:
            legacy = error.code in ("needs_conversion", "needs_libreoffice")
            code = "attachment_legacy" if legacy else "attachment_skipped"
            builder.warn(note(code, name=name, reason=error.code))
        return
    builder.extend(document.elements, under=(*above, name))
    for warning in document.warnings:
        builder.warn(warning)


def _refusal(name: str, error: ParseError) -> str:
    if error.code == "too_many":
        return note("attachments_cut", kept=MOST)
    code = "attachment_refused" if error.code == "unsupported" else "attachment_skipped"
    return note(code, name=name, reason=error.code)
