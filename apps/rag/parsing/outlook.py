"""Outlook messages: the same shape as mail — header lines, body, each attachment under its name."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any

from apps.rag.encoding import decode
from apps.rag.errors import ParseError
from apps.rag.parsing.attachments import add_attachments
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line
from apps.rag.parsing.notes import note
from apps.rag.parsing.text import add_text, warn_encoding
from apps.rag.types import ParsedDocument

_MAX_HEADER = 2000
_CONTENT_ID = 0x3712  # PidTagAttachContentId: the HTML body shows this picture
_BODY, _HTML = 0x1000, 0x1013  # PidTagBody, PidTagHtml
_RECIPIENT_KINDS = {1: "To", 2: "Cc"}
_TYPE = 0x0C15  # PidTagRecipientType


def parse_msg(path: Path) -> ParsedDocument:
    """Raises ParseError: corrupt, empty."""
    import olefile

    with path.open("rb") as file:
        if not olefile.isOleFile(file):
            raise ParseError("no Outlook container", code="corrupt")
    with olefile.OleFileIO(path) as ole:
        # olefile gives what is left of a file, without a word; its table then points past the end.
        if any(len(ole.fat) <= entry < olefile.DIFSECT for entry in ole.fat):
            raise ParseError("the file is cut off", code="corrupt")
        if not ole.exists("__properties_version1.0"):
            raise ParseError("the container holds no message", code="corrupt")
    from oxmsg import Message

    message = Message.load(str(path))
    builder = Builder()
    subject = one_line(message.subject or "")[:_MAX_HEADER]
    builder.heading(subject[:200], level=1)
    headers = _headers(message, subject)
    builder.add("paragraph", "\n".join(f"{name}: {value}" for name, value in headers.items() if value))
    above = builder.headings
    _add_body(message, path, builder)
    _add_files(message, builder, above)
    return builder.document(
        metadata={"title": subject, "author": headers["From"], "created": headers["Date"]}
    )


def _headers(message: Any, subject: str) -> dict[str, str]:
    date = message.sent_date
    found = {"From": one_line(message.sender or "")[:_MAX_HEADER], "To": "", "Cc": ""}
    for recipient in message.recipients:
        name = _RECIPIENT_KINDS.get(recipient.properties.int_prop_value(_TYPE) or 1)
        if name is not None:
            person = one_line(_person(recipient))
            found[name] = f"{found[name]}, {person}".strip(", ")[:_MAX_HEADER]
    return found | {"Date": date.isoformat() if date is not None else "", "Subject": subject}


def _person(recipient: Any) -> str:
    name, address = recipient.name or "", recipient.email_address or ""
    return f"{name} <{address}>" if name and address and name != address else name or address


def _add_body(message: Any, path: Path, builder: Builder) -> None:
    """The text before the HTML, as in other mail."""
    plain = _plain(message, path, builder)
    page = message.properties.binary_prop_value(_HTML)
    if plain.strip():
        add_text(plain, builder)
    elif page:
        from apps.rag.parsing.page import add_html

        add_html(page, builder)


def _plain(message: Any, path: Path, builder: Builder) -> str:
    """Bodies in a code page that the message does not tell, or tells wrongly, are guessed like files."""
    import olefile

    try:
        return message.body or ""
    except (UnicodeDecodeError, LookupError):
        with olefile.OleFileIO(path) as ole:
            decoded = decode(ole.openstream(f"__substg1.0_{_BODY:04X}001E").read())
        warn_encoding(decoded, builder)
        return decoded.text


def _add_files(message: Any, builder: Builder, above: tuple[str, ...]) -> None:
    files: list[tuple[str, bytes]] = []
    for attachment in message.attachments:
        name = PurePath((attachment.file_name or "").replace("\\", "/")).name[:200]
        data = attachment.file_bytes
        if data is None:  # a message or a link inside the message
            builder.warn(note("attachment_skipped", name=name or "?", reason="not a file"))
        elif name and not _is_shown_inside(attachment):
            files.append((name, data))
    add_attachments(files, builder, above=above)


def _is_shown_inside(attachment: Any) -> bool:
    picture = str(attachment.mime_type or "").startswith("image/")
    return picture and bool(attachment.properties.str_prop_value(_CONTENT_ID))
