"""Known holes of the pinned packages: by the list that is carried along, and (`make audit`) by pip-audit, which asks
an advisory service.

Where that service cannot be reached pip-audit may find nothing and say that all is well: an index that stands in
for PyPI knows the packages and no advisories. So it is asked about a package with a known hole as well, and what
it says counts only if it finds that one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements.txt", "requirements-dev.txt")
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[\w,]+\])?==([^\s;]+)$")
CANARY = ("flask", "0.12.2")  # CVE-2018-1000656; a package that is none of ours
TOOL = ("uv", "tool", "run", "--quiet", "--from", "pip-audit==2.10.1", "pip-audit")
TOOL_SECONDS = 600
CLEAN, HOLES, NOT_ASKED = 0, 1, 2


def pins_of(requirements: str) -> dict[str, str]:
    """Package (small letters, dashes) → version."""
    found = [PIN.match(line.strip()) for line in requirements.splitlines()]
    return {one[1].lower().replace("_", "-"): one[2] for one in found if one}


def holes(requirements: str) -> list[str]:
    """What of the list of known holes the pinned packages have."""
    versions = {name: Version(version) for name, version in pins_of(requirements).items()}
    listed = (ROOT / "tests/advisories.txt").read_text().splitlines()
    found = []
    for package, bad, number in (line.split() for line in listed if line and not line.startswith("#")):
        if package in versions and SpecifierSet(bad).contains(versions[package], prereleases=True):
            found.append(f"{package} {versions[package]}: {number}")
    return found


def asked(pins: dict[str, str], tool: Sequence[str]) -> list[str] | None:
    """What the advisory service knows of these packages; None where it does not know the canary either."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{name}=={version}\n" for name, version in ({**pins, CANARY[0]: CANARY[1]}).items())
        file.flush()
        command = [*tool, "-r", file.name, "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        try:
            done = subprocess.run(
                [*command, "--format", "json", "--timeout", "15"],
                capture_output=True, text=True, timeout=TOOL_SECONDS, check=False,
            )  # fmt: skip
            rows: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
        except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
            return None
    known = {row["name"].lower(): row for row in rows if row.get("vulns")}
    if CANARY[0] not in known:
        return None
    return [
        f"{name} {row['version']}: {hole['id']}"
        for name, row in sorted(known.items())
        for hole in row["vulns"]
        if name != CANARY[0]
    ]


def main(tool: Sequence[str] = TOOL) -> int:
    told = "\n".join((ROOT / file).read_text() for file in FILES)
    pins = pins_of(told)
    carried = holes(told)
    for hole in carried:
        print(f"tests/advisories.txt: {hole}")
    found = asked(pins, tool)
    if found is None:
        print("The advisory service was not reached: only the list in tests/advisories.txt was looked at.")
        return HOLES if carried else NOT_ASKED
    for hole in found:
        print(f"advisory service: {hole}")
    print(f"{len(pins)} packages looked at, {len(carried) + len(found)} known holes")
    return HOLES if carried or found else CLEAN


if __name__ == "__main__":
    sys.exit(main())
