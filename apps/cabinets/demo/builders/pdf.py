"""Turns Word documents into PDFs with LibreOffice, which has to be installed for the build."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryDirectory

from apps.cabinets.demo.builders.package import BUILT

TIMEOUT_SECONDS = 180
CREATED = re.compile(rb"(?<=/CreationDate\(D:)\d{14}")
# The file's id, twice, and a checksum: both are drawn from the time of writing.
DIGESTS = re.compile(rb"(?<=[<>/ ])[0-9A-F]{32}(?=[>\s])")


def convert_to_pdf(documents: Sequence[Path], folder: Path) -> None:
    """Write NAME.pdf into `folder` for each NAME.docx. Raises RuntimeError where LibreOffice is
    missing or leaves a PDF out, TimeoutExpired after three minutes."""
    program = shutil.which("soffice")
    if program is None:
        raise RuntimeError("LibreOffice (soffice) is not installed; build with --without-pdf")
    with TemporaryDirectory() as profile:
        command = [program, "--headless", f"-env:UserInstallation={Path(profile).as_uri()}"]
        command += ["--convert-to", "pdf", "--outdir", str(folder), *map(str, documents)]
        environment = os.environ | {"TZ": "UTC"}
        subprocess.run(command, check=True, timeout=TIMEOUT_SECONDS, env=environment, capture_output=True)  # noqa: S603
    missing = [path.stem for path in documents if not (folder / f"{path.stem}.pdf").is_file()]
    if missing:
        raise RuntimeError(f"LibreOffice wrote no PDF for {', '.join(missing)}")
    for path in documents:
        _settle(folder / f"{path.stem}.pdf")


def _settle(path: Path) -> None:
    """One fixed date, and an id from the content: of the same length, so that offsets still hold."""
    body, marker, trailer = path.read_bytes().rpartition(b"trailer")
    body = CREATED.sub(BUILT.strftime("%Y%m%d%H%M%S").encode(), body)
    digest = md5(body, usedforsecurity=False).hexdigest().upper().encode()
    path.write_bytes(body + marker + DIGESTS.sub(digest, trailer))
