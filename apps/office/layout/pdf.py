"""PDF of a Word file that this program wrote, by LibreOffice where it is installed."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import tempfile
import threading
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext as _

from apps.core.problems import Problem

logger = logging.getLogger(__name__)
PROGRAMS = ("soffice", "libreoffice")
FONTS = Path(__file__).resolve().parent.parent / "data" / "fonts.conf"
SECONDS, WAIT_SECONDS = 90, 60
_ONE_AT_A_TIME = threading.BoundedSemaphore(1)  # some hundred megabytes each


@lru_cache(maxsize=1)
def program() -> str | None:
    """The path of LibreOffice, None where it is not installed."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def pdf_file(word: bytes) -> bytes:
    """Raises Problem 501 without LibreOffice, 503 where it is busy or fails."""
    found = program()
    if found is None:
        raise Problem(
            501,
            _("PDF needs LibreOffice on the server. Download the Word file instead."),
            code="no_libreoffice",
        )
    if not _ONE_AT_A_TIME.acquire(timeout=WAIT_SECONDS):
        raise _busy()
    try:
        with tempfile.TemporaryDirectory(prefix="askive-pdf-") as folder:
            return _converted(found, word, Path(folder))
    finally:
        _ONE_AT_A_TIME.release()


def _converted(found: str, word: bytes, folder: Path) -> bytes:
    (folder / "paper.docx").write_bytes(word)
    command = [
        found,
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        str(folder / "paper.docx"),
    ]
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": str(FONTS),
        "SAL_USE_VCLPLUGIN": "svp",
    }
    try:
        subprocess.run(  # noqa: S603 - a fixed program on a file that we wrote
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        return (folder / "paper.pdf").read_bytes()
    except (OSError, subprocess.SubprocessError) as error:
        logger.warning("LibreOffice made no PDF: %s", error)
        raise _busy() from error


def _busy() -> Problem:
    return Problem(
        503,
        _("The PDF could not be made now. Try again, or download the Word file."),
        code="no_pdf",
        retry_after=10,
    )
