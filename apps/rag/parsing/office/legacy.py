"""Word 97, WPS Writer and PowerPoint 97: judged here, converted by LibreOffice, read as Open XML.

In the parser child no process may be started, so sandbox.ParserPool converts beforehand and only
what could not be converted comes here, to be told apart: under a password, damaged, or sound.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from apps.rag.errors import ParseError
from apps.rag.parsing import sniff
from apps.rag.parsing.convert import convert
from apps.rag.types import ParsedDocument

_STREAMS = {sniff.DOC: ("WordDocument",), sniff.PPT: ("PowerPoint Document", "PP97_DUALSTORAGE")}


def parse_doc(path: Path) -> ParsedDocument:
    """Raises ParseError: password, corrupt, needs_libreoffice, needs_conversion (inside the child)."""
    from apps.rag.parsing.office.word import parse_docx

    judge(path, sniff.DOC)
    with tempfile.TemporaryDirectory() as folder:
        return parse_docx(_converted(path, sniff.DOC, Path(folder)))


def parse_ppt(path: Path) -> ParsedDocument:
    """As parse_doc."""
    from apps.rag.parsing.office.slides import parse_pptx

    judge(path, sniff.PPT)
    with tempfile.TemporaryDirectory() as folder:
        return parse_pptx(_converted(path, sniff.PPT, Path(folder)))


def _converted(path: Path, media_type: str, folder: Path) -> Path:
    try:
        return convert(path, media_type, folder)
    except PermissionError as error:
        raise ParseError("a confined parser cannot convert", code="needs_conversion") from error


def judge(path: Path, media_type: str) -> None:
    """Nothing for a sound file without a password. Raises ParseError: password, corrupt."""
    import olefile

    if not olefile.isOleFile(str(path)):
        raise ParseError("no Office 97 container", code="corrupt")
    try:
        with olefile.OleFileIO(path) as ole:
            if ole.exists("EncryptionInfo") or ole.exists("EncryptedSummary"):
                raise ParseError("encrypted office file", code="password")
            if not any(ole.exists(name) for name in _STREAMS[media_type]):
                raise ParseError("the container holds no document", code="corrupt")
    except OSError as error:
        raise ParseError(f"broken container: {error}", code="corrupt") from error
    if _is_encrypted(path):
        raise ParseError("encrypted office file", code="password")


def _is_encrypted(path: Path) -> bool:
    import msoffcrypto
    from msoffcrypto.exceptions import FileFormatError

    with path.open("rb") as file:
        try:
            return bool(msoffcrypto.OfficeFile(file).is_encrypted())
        except FileFormatError:
            return False  # not of the kinds that it knows; LibreOffice decides
