"""Which files are taken: the extension and the first bytes must agree with one row of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from apps.rag.errors import ParseError

HEAD_BYTES = 8192  # how much of a file `media_type_for` wants to see

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PDF = "application/pdf"
MARKDOWN = "text/markdown"
HTML = "text/html"
MHTML = "multipart/related"
TEXT = "text/plain"
CSV = "text/csv"
EMAIL = "message/rfc822"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def _is_pdf(head: bytes) -> bool:
    return b"%PDF-" in head[:1024]  # as readers do: some bytes may stand before the mark


def _is_office_zip(head: bytes) -> bool:
    return head.startswith(_ZIP) or head.startswith(
        _OLE
    )  # OLE: an encrypted file, refused as such when parsed


def _is_text(head: bytes) -> bool:
    """No known binary signature, and no control bytes outside UTF-16 and UTF-32."""
    import filetype

    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x00\x00\xfe\xff")):
        return True
    if head.startswith((_OLE, b"%PDF-", b"MZ", b"\x7fELF", *_ZIP)) or filetype.guess(head) is not None:
        return False
    if _looks_utf16(head):
        return True
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return controls * 100 <= len(head)


def _looks_utf16(head: bytes) -> bool:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return max(even, odd) * 50 >= len(head) // 2 and min(even, odd) * 4 <= max(even, odd)


@dataclass(frozen=True, slots=True)
class FileType:
    """One kind of file: its extensions (without dot), its media type, the test of its first bytes."""

    extensions: tuple[str, ...]
    media_type: str
    matches: Callable[[bytes], bool]


FILE_TYPES = (
    FileType(("pdf",), PDF, _is_pdf),
    FileType(("docx",), DOCX, _is_office_zip),
    FileType(("xlsx",), XLSX, _is_office_zip),
    FileType(("pptx",), PPTX, _is_office_zip),
    FileType(("md", "markdown"), MARKDOWN, _is_text),
    FileType(("html", "htm"), HTML, _is_text),
    FileType(("mhtml", "mht"), MHTML, _is_text),
    FileType(("txt", "text", "log"), TEXT, _is_text),
    FileType(("csv", "tsv"), CSV, _is_text),
    FileType(("eml",), EMAIL, _is_text),
)
_BY_EXTENSION = {extension: kind for kind in FILE_TYPES for extension in kind.extensions}
EXTENSIONS = tuple(_BY_EXTENSION)


def media_type_for(filename: str, head: bytes) -> str:
    """The media type of an upload. `head` is the file's first HEAD_BYTES (all of a shorter file).
    Raises ParseError: "empty" for no bytes, "unsupported" for a type that is not taken or for bytes
    that are not what the name says; "corrupt" for a PDF without the PDF mark."""
    if not head:
        raise ParseError("the file has no bytes", code="empty")
    extension = PurePath(filename.replace("\\", "/")).suffix.lower().lstrip(".")
    kind = _BY_EXTENSION.get(extension)
    if kind is None:
        raise ParseError(f"files of type .{extension or '?'} are not taken", code="unsupported")
    if kind.matches(head[:HEAD_BYTES]):
        return kind.media_type
    raise _refusal(kind, head)


def _refusal(kind: FileType, head: bytes) -> ParseError:
    import filetype

    found = filetype.guess(head)
    known = found is not None or head.startswith((b"MZ", b"\x7fELF"))
    if kind.media_type in (PDF, DOCX, XLSX, PPTX) and not known and not _is_text(head):
        # Nothing else that is known either: the right name on damaged bytes.
        return ParseError(f"the bytes are not a .{kind.extensions[0]} file", code="corrupt")
    what = found.mime if found is not None else "something else"
    return ParseError(f"named .{kind.extensions[0]} but holds {what}", code="unsupported")
