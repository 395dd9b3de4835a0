"""Writes an e-mail: a Base64 body in UTF-8, an encoded subject, one text attachment."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path

from apps.cabinets.demo.builders.source import Source


def write_eml(source: Source, target: Path) -> None:
    meta = source.meta
    message = EmailMessage(policy=SMTP)
    message["Subject"] = meta["subject"]
    for header in ("From", "To", "Cc"):
        message[header] = _address(meta[header.lower()])
    message["Date"] = meta["date"]
    message["Message-ID"] = meta["message_id"]
    message.set_content(source.body, charset="utf-8", cte="base64")
    attachment = source.path.parent / meta["attachment"]
    text = attachment.read_text(encoding="utf-8")
    message.add_attachment(text, charset="utf-8", cte="base64", filename=attachment.name)
    # A boundary of our own: the library would draw a random one on each build.
    message.set_boundary("=_yunling-culture-8023")
    target.write_bytes(message.as_bytes())


def _address(text: str) -> Address:
    name, _, rest = text.partition(" <")
    return Address(display_name=name, addr_spec=parseaddr(f"<{rest}")[1])
