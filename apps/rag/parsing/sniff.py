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
DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"
WPS = "application/wps-office.wps"
XLS = "application/vnd.ms-excel"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
RTF = "application/rtf"
EPUB = "application/epub+zip"
MSG = "application/vnd.ms-outlook"
JSON = "application/json"
OFD = "application/ofd"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def _is_pdf(head: bytes) -> bool:
    return b"%PDF-" in head[:1024]  # as readers do: some bytes may stand before the mark


def _is_office_zip(head: bytes) -> bool:
    return head.startswith(_ZIP) or head.startswith(
        _OLE
    )  # OLE: an encrypted file, refused as such when parsed


def _is_ole(head: bytes) -> bool:
    return head.startswith(_OLE)


def _is_zip(head: bytes) -> bool:
    return head.startswith(_ZIP)


def _is_rtf(head: bytes) -> bool:
    return head.lstrip().startswith(b"{\\rtf")


def _is_png(head: bytes) -> bool:
    return head.startswith(b"\x89PNG\r\n\x1a\n")


def _is_jpeg(head: bytes) -> bool:
    return head.startswith(b"\xff\xd8\xff")


def _is_tiff(head: bytes) -> bool:
    return head.startswith((b"II*\x00", b"MM\x00*"))


def _is_markup(head: bytes) -> bool:
    """A page, whatever its name says: many systems export tables as HTML and call them .xls."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    return (
        _is_text(head)
        and start.startswith(b"<")
        and any(tag in head.lower() for tag in (b"<html", b"<table"))
    )


def _is_archive_page(head: bytes) -> bool:
    return _is_text(head) and head.lstrip()[:13].lower() == b"mime-version:"


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
    """One kind of file: its extensions (without dot), its media type, the test of its first bytes.
    `instead` lists what else goes under that name in offices: (test, the type it really is)."""

    extensions: tuple[str, ...]
    media_type: str
    matches: Callable[[bytes], bool]
    instead: tuple[tuple[Callable[[bytes], bool], str], ...] = ()


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
    FileType(
        ("doc",),
        DOC,
        _is_ole,
        ((_is_zip, DOCX), (_is_rtf, RTF), (_is_archive_page, MHTML), (_is_markup, HTML)),
    ),
    FileType(("wps",), WPS, _is_ole, ((_is_zip, DOCX), (_is_rtf, RTF))),
    FileType(("ppt",), PPT, _is_ole, ((_is_zip, PPTX),)),
    FileType(("xls",), XLS, _is_ole, ((_is_zip, XLSX), (_is_archive_page, MHTML), (_is_markup, HTML))),
    FileType(("odt",), ODT, _is_zip),
    FileType(("ods",), ODS, _is_zip),
    FileType(("odp",), ODP, _is_zip),
    FileType(("rtf",), RTF, _is_rtf),
    FileType(("epub",), EPUB, _is_zip),
    FileType(("msg",), MSG, _is_ole),
    FileType(("json", "jsonl"), JSON, _is_text),
    FileType(("ofd",), OFD, _is_zip),
    FileType(("png",), PNG, _is_png),
    FileType(("jpg", "jpeg"), JPEG, _is_jpeg),
    FileType(("tif", "tiff"), TIFF, _is_tiff),
)
_BY_EXTENSION = {extension: kind for kind in FILE_TYPES for extension in kind.extensions}
EXTENSIONS = tuple(_BY_EXTENSION)


def media_type_for(filename: str, head: bytes) -> str:
    """The media type of an upload. `head` is the file's first HEAD_BYTES (all of a shorter file).
    Raises ParseError: "empty" for no bytes, "unsupported" for a type that is not taken or for bytes
    that are not what the name says; "corrupt" for a binary format whose bytes are of no known kind."""
    if not head:
        raise ParseError("the file has no bytes", code="empty")
    extension = PurePath(filename.replace("\\", "/")).suffix.lower().lstrip(".")
    kind = _BY_EXTENSION.get(extension)
    if kind is None:
        raise ParseError(f"files of type .{extension or '?'} are not taken", code="unsupported")
    if kind.matches(head[:HEAD_BYTES]):
        return kind.media_type
    for matches, media_type in kind.instead:
        if matches(head[:HEAD_BYTES]):
            return media_type
    raise _refusal(kind, head)


def _refusal(kind: FileType, head: bytes) -> ParseError:
    import filetype

    found = filetype.guess(head)
    known = found is not None or head.startswith((b"MZ", b"\x7fELF"))
    if kind.matches is not _is_text and not known and not _is_text(head):
        # Nothing else that is known either: the right name on damaged bytes.
        return ParseError(f"the bytes are not a .{kind.extensions[0]} file", code="corrupt")
    what = found.mime if found is not None else "something else"
    return ParseError(f"named .{kind.extensions[0]} but holds {what}", code="unsupported")
