"""A real slapd on a port of its own, with people, departments and groups of a small organisation."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SLAPD, SLAPADD = "/usr/sbin/slapd", "/usr/sbin/slapadd"
BASE = "dc=example,dc=org"
SERVICE, SERVICE_PASSWORD = f"cn=service,{BASE}", "service secret"
PASSWORD = "their long password"
SECONDS = 30

CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
database mdb
maxsize 10485760
suffix "{base}"
directory {folder}/data
rootdn "{service}"
rootpw "{password}"
"""


def is_here() -> bool:
    return all(shutil.which(program) for program in (SLAPD, SLAPADD))


@dataclass
class Directory:
    url: str

    def modify(self, dn: str, **changes: str) -> None:
        from ldap3 import MODIFY_REPLACE, Connection

        with Connection(self.url, SERVICE, SERVICE_PASSWORD, auto_bind=True) as link:
            assert link.modify(dn, {name: [(MODIFY_REPLACE, [value])] for name, value in changes.items()}), (
                link.result
            )

    def add(self, dn: str, classes: list[str], **attributes: object) -> None:
        from ldap3 import Connection

        with Connection(self.url, SERVICE, SERVICE_PASSWORD, auto_bind=True) as link:
            assert link.add(dn, classes, attributes), link.result

    def delete(self, dn: str) -> None:
        from ldap3 import Connection

        with Connection(self.url, SERVICE, SERVICE_PASSWORD, auto_bind=True) as link:
            assert link.delete(dn), link.result


def person(uid: str, name: str, *, unit: str) -> str:
    return f"""
dn: uid={uid},{unit},{BASE}
objectClass: inetOrgPerson
uid: {uid}
cn: {name}
sn: {name}
displayName: {name}
userPassword: {PASSWORD}
"""


def entries() -> str:
    units = "".join(
        f"\ndn: {dn},{BASE}\nobjectClass: organizationalUnit\n"
        for dn in ("ou=Head office", "ou=Finance,ou=Head office", "ou=Groups")
    )
    top = f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n"
    group = f"""
dn: cn=Auditors,ou=Groups,{BASE}
objectClass: groupOfNames
cn: Auditors
member: uid=wang,ou=Finance,ou=Head office,{BASE}
"""
    return (
        top
        + units
        + person("wang", "Wang Fang", unit="ou=Finance,ou=Head office")
        + person("li", "Li Lei", unit="ou=Head office")
        + group
    )


@contextmanager
def served(folder: Path) -> Iterator[Directory]:
    """Ends when the block does. Needs Debian's package slapd; its service is not touched."""
    (folder / "data").mkdir()
    settings = folder / "slapd.conf"
    settings.write_text(
        CONFIGURATION.format(folder=folder, base=BASE, service=SERVICE, password=SERVICE_PASSWORD)
    )
    (folder / "first.ldif").write_text(entries())
    subprocess.run(
        [SLAPADD, "-f", settings, "-l", folder / "first.ldif"],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"ldap://127.0.0.1:{port}"
    process = subprocess.Popen([SLAPD, "-f", settings, "-h", url, "-d", "0"], stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield Directory(url)
    finally:
        process.terminate()
        process.wait(SECONDS)


def _wait(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert process.poll() is None, "slapd ended"
            assert time.monotonic() < deadline, "slapd does not answer"
            time.sleep(0.05)
