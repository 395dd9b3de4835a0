"""Makes office packages reproducible: the same sources give the same members on every build."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

BUILT = datetime(2026, 7, 1, 8, 30)
# openpyxl writes the time of saving over whatever the properties hold.
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def settle(path: Path) -> None:
    """Rewrite a zip package with one fixed time for its members and its "modified" property."""
    with ZipFile(path) as package:
        members = [(info.filename, package.read(info)) for info in package.infolist()]
    stamp = BUILT.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with ZipFile(path, "w") as package:
        for name, data in members:
            if name == "docProps/core.xml":
                data = MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", data)
            info = ZipInfo(name, BUILT.timetuple()[:6])
            info.compress_type = ZIP_DEFLATED
            package.writestr(info, data)
