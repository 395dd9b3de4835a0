"""Turns Word documents into PDFs with LibreOffice, which has to be installed for the build."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from apps.cabinets.demo.builders.package import BUILT

TIMEOUT_SECONDS = 180


def convert_to_pdf(documents: Sequence[Path], folder: Path) -> None:
    """Write NAME.pdf into `folder` for each NAME.docx. Raises RuntimeError where LibreOffice is
    missing or leaves a PDF out, TimeoutExpired after three minutes."""
    program = shutil.which("soffice")
    if program is None:
        raise RuntimeError("LibreOffice (soffice) is not installed; build with --without-pdf")
    with TemporaryDirectory() as profile:
        command = [program, "--headless", f"-env:UserInstallation={Path(profile).as_uri()}"]
        command += ["--convert-to", "pdf", "--outdir", str(folder), *map(str, documents)]
        # The only date LibreOffice may write into the files.
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(int(BUILT.timestamp())), "TZ": "UTC"}
        subprocess.run(command, check=True, timeout=TIMEOUT_SECONDS, env=environment, capture_output=True)  # noqa: S603
    missing = [path.stem for path in documents if not (folder / f"{path.stem}.pdf").is_file()]
    if missing:
        raise RuntimeError(f"LibreOffice wrote no PDF for {', '.join(missing)}")
