"""Mail: the header lines first, the body (text before HTML), then each attachment under its name."""

from __future__ import annotations

import email
import email.policy
from email.header import decode_header
from email.message import Message
from pathlib import Path, PurePath

from apps.rag.encoding import decode
from apps.rag.parsing.attachments import add_attachments
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line
from apps.rag.parsing.text import add_text, warn_encoding
from apps.rag.types import ParsedDocument

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MAX_NESTED = 5  # messages inside messages
_MAX_HEADER = 2000


def parse_eml(path: Path) -> ParsedDocument:
    """Raises ParseError: empty, encoding."""
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:200]:
        data = decode(data).text.encode()  # a mail saved as UTF-16
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    builder = Builder()
    _Mail(message, builder, depth=0).add()
    subject = _header(message, "Subject")
    return builder.document(
        metadata={"title": subject, "author": _header(message, "From"), "created": _header(message, "Date")}
    )


class _Mail:
    def __init__(self, message: Message, builder: Builder, *, depth: int) -> None:
        self._message, self._builder, self._depth = message, builder, depth
        self._attachments: list[tuple[str, Message]] = []
        self._nested: list[Message] = []

    def add(self) -> None:
        subject = _header(self._message, "Subject")
        level = self._depth + 1
        if subject:
            self._builder.heading(subject[:200], level=level)
        lines = [f"{name}: {_header(self._message, name)}" for name in _HEADERS if self._message.get(name)]
        self._builder.add("paragraph", "\n".join(lines))
        plain, page = self._bodies(self._message)
        if plain is not None and self._text(plain).strip():
            add_text(self._text(plain), self._builder)
        elif page is not None:
            from apps.rag.parsing.page import add_html

            add_html(_payload(page), self._builder, declared=page.get_content_charset())
        self._add_attachments(under=level)
        for inner in self._nested:
            _Mail(inner, self._builder, depth=self._depth + 1).add()

    def _bodies(self, part: Message) -> tuple[Message | None, Message | None]:
        """The plain and the HTML body; attachments and inner messages are put aside."""
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and self._depth < _MAX_NESTED:
                self._nested += [item for item in inner if isinstance(item, Message)]
            return None, None
        if part.is_multipart():
            return self._multipart(part)
        name = _filename(part)
        if part.get_content_maintype() == "image" and part.get("Content-ID") and _is_inline(part):
            return None, None  # a picture that the HTML body shows: mostly a logo
        if name or part.get_content_disposition() == "attachment":
            self._attachments.append((name or "attachment", part))
            return None, None
        kind = part.get_content_type()
        return (part if kind == "text/plain" else None), (part if kind == "text/html" else None)

    def _multipart(self, part: Message) -> tuple[Message | None, Message | None]:
        plain: Message | None = None
        page: Message | None = None
        for inner in part.get_payload():
            if not isinstance(inner, Message):
                continue
            text, markup = self._bodies(inner)
            if (text or markup) and (plain or page) and part.get_content_type() != "multipart/alternative":
                self._attachments.append(
                    ("", text or markup or inner)
                )  # a further body: a mailing list's foot
                continue
            plain, page = plain or text, page or markup
        return plain, page

    def _text(self, part: Message) -> str:
        decoded = decode(_payload(part), declared=part.get_content_charset())
        warn_encoding(decoded, self._builder)
        return decoded.text

    def _add_attachments(self, *, under: int) -> None:
        named = [(name, _payload(part)) for name, part in self._attachments if name]
        for name, part in self._attachments:
            if not name and part.get_content_type() == "text/plain":
                add_text(self._text(part), self._builder)
        add_attachments(named, self._builder, above=self._builder.headings[:under])


def _is_inline(part: Message) -> bool:
    return part.get_content_disposition() != "attachment"


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _header(message: Message, name: str) -> str:
    """A header decoded; raw 8-bit headers (old Chinese mailers) are guessed like files."""
    raw = message.get(name)
    if raw is None:
        return ""
    parts: list[str] = []
    try:
        pieces = decode_header(raw)
    except ValueError:  # broken base64
        pieces = [(str(raw), None)]
    for value, charset in pieces:
        if isinstance(value, str):
            if not any("\udc80" <= char <= "\udcff" for char in value):
                parts.append(value)
                continue
            value = value.encode("utf-8", errors="surrogateescape")
        declared = None if charset in (None, "unknown-8bit") else str(charset)
        parts.append(decode(value, declared=declared).text)
    return one_line("".join(parts))[:_MAX_HEADER]


def _filename(part: Message) -> str:
    raw = part.get_filename()
    if not raw:
        return ""
    wrapper = Message()
    wrapper["Subject"] = raw.replace("\r", "").replace("\n", "")
    return PurePath(_header(wrapper, "Subject").replace("\\", "/")).name[:200]
