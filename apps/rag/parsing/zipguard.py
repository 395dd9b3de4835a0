"""Looks at an office file's zip directory before any parser unpacks it.

A 302 kB docx took 1.13 GB of memory, so what a file declares is bounded first, and what it
declares is not believed: reading through `read_member` stops at the same bounds.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from apps.rag.errors import ParseError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """`ratio` is unpacked to packed size, looked at only for members above `ratio_from` bytes:
    small repetitive XML packs very well. Parts below one of the folders `streamed` are read piece by piece
    and may be as large as `streamed_part`."""

    entries: int = 10_000
    total: int = 1024 * _MEGABYTE
    xml_part: int = 256 * _MEGABYTE
    ratio: int = 200
    ratio_from: int = 8 * _MEGABYTE
    streamed: tuple[str, ...] = ()
    streamed_part: int = 0

    def most(self, name: str) -> int:
        """Bytes that a part may unpack to."""
        return self.streamed_part if self.streamed and name.startswith(self.streamed) else self.xml_part


def check(path: Path, *, needs: str, limits: ZipLimits | None = None) -> None:
    """Refuse what is not a sound office file holding a part `needs` ("word/document.xml").
    Raises ParseError: zip_bomb, password, corrupt."""
    limits = limits or ZipLimits()
    with path.open("rb") as file:
        if file.read(8) == _OLE:
            raise _ole_error(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive.infolist(), packed=path.stat().st_size, limits=limits)
            names = {name.lower().lstrip("/") for name in archive.namelist()}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ParseError(f"broken zip: {error}", code="corrupt") from error
    if needs not in names:
        raise ParseError(f"the file has no part {needs}", code="corrupt")


def _check_members(members: list[zipfile.ZipInfo], *, packed: int, limits: ZipLimits) -> None:
    if len(members) > limits.entries:
        raise ParseError(f"{len(members)} entries", code="zip_bomb")
    if any(member.flag_bits & 1 for member in members):
        raise ParseError("encrypted zip members", code="password")
    total = sum(member.file_size for member in members)
    if total > limits.total:
        raise ParseError(f"unpacks to {total} bytes", code="zip_bomb")
    if sum(member.compress_size for member in members) > packed:
        raise ParseError("members overlap", code="zip_bomb")  # one packed block named by many entries
    for member in members:
        if member.filename.endswith((".xml", ".rels")) and member.file_size > limits.most(member.filename):
            raise ParseError(f"{member.filename} unpacks to {member.file_size} bytes", code="zip_bomb")
        if member.file_size > limits.ratio_from and member.file_size > limits.ratio * max(
            1, member.compress_size
        ):
            raise ParseError(f"{member.filename} is packed beyond 1:{limits.ratio}", code="zip_bomb")


def _ole_error(path: Path) -> ParseError:
    """Encrypted Office files and the formats of Office 97 share one container."""
    import olefile

    try:
        with olefile.OleFileIO(path) as ole:
            if ole.exists("EncryptionInfo") or ole.exists("EncryptedPackage"):
                return ParseError("encrypted office file", code="password")
    except OSError as error:
        return ParseError(f"broken container: {error}", code="corrupt")
    return ParseError("an Office 97 file under a new name", code="unsupported")


def read_member(archive: zipfile.ZipFile, name: str, *, limit: int = 256 * _MEGABYTE) -> bytes:
    """One member, never more than `limit` bytes. Raises ParseError(zip_bomb), KeyError."""
    with archive.open(name) as member:
        data = member.read(limit + 1)
    if len(data) > limit:
        raise ParseError(f"{name} unpacks to more than {limit} bytes", code="zip_bomb")
    return data
