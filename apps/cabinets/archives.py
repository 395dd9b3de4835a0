"""Zip archives of documents: bounded before they are opened, their names read in the encoding they have.

Names are written as UTF-8 with a mark, as UTF-8 without one (macOS), or in the sender's code page
(GBK from Chinese Windows), which zipfile shows as CP437. One archive has one encoding.
"""

from __future__ import annotations

import re
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from apps.core.problems import Problem
from apps.rag.encoding import decode
from apps.rag.errors import ParseError

MOST_ENTRIES = 10_000
MOST_BYTES = 8 * 1024**3  # unpacked, all together
MOST_RATIO, RATIO_FROM = 200, 8 * 1024**2
UTF8_MARK = 0x800
SYSTEM = re.compile(r"^(\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX|~\$.*)$", re.IGNORECASE)
DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Member:
    """`folder` and `name` are clean; `fault` is a code ("bad_name", "password", "link") where it cannot be read."""

    info: zipfile.ZipInfo
    path: str
    fault: str = ""

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def archive_check(path: Path) -> list[zipfile.ZipInfo]:
    """The files of an archive, once its directory has shown itself harmless. Raises Problem 413, 422."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError):
        raise Problem(422, _("The archive is damaged or not a zip file."), code="corrupt") from None
    if len(infos) > MOST_ENTRIES:
        raise Problem(
            413, _("At most %(most)d files in one archive.") % {"most": MOST_ENTRIES}, code="too_many"
        )
    if sum(info.file_size for info in infos) > MOST_BYTES or _overlaps(infos, path) or any(map(_bomb, infos)):
        raise Problem(
            422, _("The archive unpacks to far more than its size, so it was not opened."), code="zip_bomb"
        )
    return [info for info in infos if not info.is_dir()]


def _overlaps(infos: list[zipfile.ZipInfo], path: Path) -> bool:
    """One packed block that many entries name."""
    return sum(info.compress_size for info in infos) > path.stat().st_size


def _bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > RATIO_FROM and info.file_size > MOST_RATIO * max(1, info.compress_size)


def members_of(infos: list[zipfile.ZipInfo]) -> list[Member]:
    """The files to take in, without what systems leave behind (__MACOSX, Thumbs.db, ~$ locks)."""
    names = _names(infos)
    members = [_member(info, name) for info, name in zip(infos, names, strict=True)]
    return [member for member in members if not any(SYSTEM.match(part) for part in member.path.split("/"))]


def _member(info: zipfile.ZipInfo, name: str) -> Member:
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    clean = "/".join(parts)
    if not parts or ".." in parts or DRIVE.match(path) or "\0" in path or "\ufffd" in path:
        return Member(info, clean[:1000] or "?", "bad_name")
    if stat.S_ISLNK(info.external_attr >> 16):
        return Member(info, clean, "link")
    return Member(info, clean, "password" if info.flag_bits & 1 else "")


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Names with the mark as they are; the others decoded together, since alone they are too short to judge."""
    raw = {info.header_offset: _raw(info) for info in infos if not info.flag_bits & UTF8_MARK}
    encoding = _encoding(b"\n".join(name for name in raw.values() if not name.isascii()))
    return [
        raw[info.header_offset].decode(encoding, errors="replace")
        if info.header_offset in raw
        else info.orig_filename
        for info in infos
    ]


def _raw(info: zipfile.ZipInfo) -> bytes:
    """zipfile decodes names without the mark as CP437, which keeps every byte."""
    return info.orig_filename.encode("cp437", errors="replace")


def _encoding(names: bytes) -> str:
    if not names:
        return "utf-8"
    try:
        return decode(names).encoding
    except ParseError:
        return "utf-8"
