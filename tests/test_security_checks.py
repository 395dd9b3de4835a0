"""What tools say of the product: Django's deployment check, bandit, and the known holes of pinned packages.

Each tool is first shown something bad: one that finds nothing there proves nothing here."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests import auditing
from tests.auditing import PIN, holes

ROOT = Path(__file__).resolve().parent.parent

# Findings of bandit that were looked at: (its number, file) → why they are right as they are.
LOOKED_AT = {
    ("B104", "apps/cabinets/management/commands/serve.py"): "compared, not bound",
    ("B308", "apps/chat/passages.py"): "of parts that were escaped",
    ("B703", "apps/chat/passages.py"): "of parts that were escaped",
    ("B308", "apps/core/markdown.py"): "cleaned by nh3",
    ("B703", "apps/core/markdown.py"): "cleaned by nh3",
    ("B308", "apps/office/files/report.py"): "a style sheet of the product",
    ("B703", "apps/office/files/report.py"): "a style sheet of the product",
    ("B113", "apps/rag/embedders/worker.py"): "a queue's get, not a request",
}
BAD = """
import pickle, subprocess, yaml
def run(text):
    subprocess.call(text, shell=True)
    yaml.load(text)
    return pickle.loads(text)
"""


def test_djangos_check_for_deployment_finds_nothing(tmp_path):
    environment = {
        **os.environ,
        "PRODUCTION": "true",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "ask.example.org",
        "DATA_DIR": str(tmp_path),
    }
    found = _check(environment)
    assert found.returncode == 0, found.stderr
    without_https = _check({**environment, "HTTPS": "false"})
    assert without_https.returncode == 1, "the check would say so"
    assert "security.W" in without_https.stderr


def _check(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def bandit(tmp_path_factory) -> set[tuple[str, str]]:
    """(number, file) of what bandit finds of medium and high weight, in the product and in something bad."""
    sample = tmp_path_factory.mktemp("bad") / "canary.py"
    sample.write_text(BAD)
    command = [sys.executable, "-m", "bandit", "-q", "-r", "apps", "config", str(sample), "-ll", "-f", "json"]
    done = subprocess.run(
        [*command, "-x", "*/migrations/*"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    results = json.loads(done.stdout)["results"]
    return {(row["test_id"], row["filename"].removeprefix("./")) for row in results}


def test_bandit_finds_what_is_bad(bandit):
    found = {number for number, file in bandit if file.endswith("canary.py")}
    assert found >= {"B602", "B506", "B301"}


def test_bandit_finds_nothing_here_that_was_not_looked_at(bandit):
    ours = {finding for finding in bandit if not finding[1].endswith("canary.py")}
    assert ours - set(LOOKED_AT) == set()


def test_a_package_with_a_known_hole_is_found():
    assert holes("Django==5.2.1\npillow==12.0.0\nPyYAML==5.3.1") == [
        "django 5.2.1: CVE-2025-64459",
        "pyyaml 5.3.1: CVE-2020-14343",
    ]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements.in"])
def test_no_pinned_package_has_a_known_hole(file):
    assert holes((ROOT / file).read_text()) == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements.in"])
def test_every_package_is_pinned_exactly(file):
    lines = [line.strip() for line in (ROOT / file).read_text().splitlines()]
    loose = [line for line in lines if line and not line.startswith(("#", "-")) and not PIN.match(line)]
    assert loose == []


class TestAsking:
    """`make audit`, with a scripted tool in the place of pip-audit."""

    @staticmethod
    def tool(tmp_path: Path, rows: list[dict], *, broken: bool = False) -> list[str]:
        script = tmp_path / "tool.py"
        told = "no route" if broken else json.dumps({"dependencies": rows})
        script.write_text(f"print({told!r})")
        return [sys.executable, str(script)]

    CANARY = {"name": "Flask", "version": "0.12.2", "vulns": [{"id": "PYSEC-2018-66"}]}
    BAD = {"name": "django", "version": "5.2.1", "vulns": [{"id": "CVE-2025-64459"}]}

    def test_a_service_that_knows_nothing_of_the_canary_does_not_count(self, tmp_path, capsys):
        skipped = [{"name": "django", "skip_reason": "Dependency not found on PyPI"}]
        for tool in (self.tool(tmp_path, skipped), self.tool(tmp_path, [], broken=True), ["/no/such/tool"]):
            assert auditing.main(tool) == auditing.NOT_ASKED
            assert "was not reached" in capsys.readouterr().out

    def test_what_it_finds_is_told_and_the_canary_is_not(self, tmp_path, capsys):
        assert auditing.main(self.tool(tmp_path, [self.CANARY, self.BAD])) == auditing.HOLES
        out = capsys.readouterr().out
        assert "django 5.2.1: CVE-2025-64459" in out
        assert "PYSEC-2018-66" not in out
        assert auditing.main(self.tool(tmp_path, [self.CANARY])) == auditing.CLEAN
