"""The parts of an OFD file: where they lie, what refers to what."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing.xmlsafe import local, parse_xml
from apps.rag.parsing.zipguard import check, read_member

_ROOT = "OFD.xml"
_PART_BYTES = 64 * 1024 * 1024
POINTS = 72 / 25.4  # to a millimetre
A4 = (0.0, 0.0, 210.0, 297.0)


class Package:
    """An open OFD file. Names inside it may be absolute or relative to the part that holds them; what
    leads out of the zip does not exist."""

    def __init__(self, path: Path) -> None:
        """Raises ParseError: zip_bomb, password, corrupt."""
        check(path, needs=_ROOT.lower())
        self._archive = zipfile.ZipFile(path)
        self._names = {name.lower().lstrip("/"): name for name in self._archive.namelist()}
        if any(posixpath.basename(name) == "encryptions.xml" for name in self._names):
            self.close()
            raise ParseError("encrypted OFD file", code="password")

    def close(self) -> None:
        self._archive.close()

    def data(self, name: str) -> bytes:
        """The bytes of a part. Raises ParseError(corrupt) for one that is missing."""
        stored = self._names.get(name.lower().lstrip("/"))
        if stored is None:
            raise ParseError(f"{name} is missing", code="corrupt")
        return read_member(self._archive, stored, limit=_PART_BYTES)

    def xml(self, name: str) -> Any:
        return parse_xml(self.data(name), what=name)

    def root(self) -> Any:
        return self.xml(_ROOT)


def resolve(base: str, location: str) -> str:
    """A location inside the zip, seen from the part `base`."""
    location = location.strip().replace("\\", "/")
    if location.startswith("/"):
        return posixpath.normpath(location).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), location)).lstrip("/")


def children(node: Any, *names: str) -> Iterator[Any]:
    """Children of those names, in any namespace (producers write different ones)."""
    return (child for child in node if local(child) in names)


def child(node: Any | None, *path: str) -> Any | None:
    """The first element down a path of names."""
    for name in path:
        if node is None:
            return None
        node = next(children(node, name), None)
    return node


def text(node: Any | None) -> str:
    return (node.text or "").strip() if node is not None else ""


def numbers(value: str | None) -> list[float]:
    """ "0 0 210 297" → four floats; an empty list where one is no number."""
    try:
        return [float(part) for part in (value or "").split()]
    except ValueError:
        return []


def area(node: Any | None) -> tuple[float, float, float, float] | None:
    """The physical box of a page area in millimetres: x, y, width, height."""
    found = numbers(text(child(node, "PhysicalBox")))
    if len(found) == 4 and 0 < found[2] < 20_000 and 0 < found[3] < 20_000:
        return found[0], found[1], found[2], found[3]
    return None
