"""How long a right that was taken away still works: each way to take one away, on each road, many times over.

    python -m benchmarks.revocation [--rounds 50]

The very next request must be refused; told are the rounds in which it was not, and the milliseconds from the end
of the change to the end of the refusal. It works on a database of its own and leaves nothing behind."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
REFUSED = {401, 403, 404}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="askive-revocation-") as folder:
        os.environ["DATA_DIR"] = folder
        import django

        django.setup()
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment()
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            return report(measure(asked.rounds))
        finally:
            teardown_databases(databases, verbosity=0)


def measure(rounds: int) -> dict[str, tuple[int, list[float]]]:
    """Way and road → (rounds that were not refused, milliseconds)."""
    world = World()
    found: dict[str, tuple[int, list[float]]] = {}
    for way, take_away in world.ways().items():
        for road, ask in world.roads().items():
            late, spent = 0, []
            for _round in range(rounds):
                world.give()
                if ask().status_code != 200:
                    raise SystemExit(f"{road} is closed before {way}")
                take_away()
                begun = time.perf_counter()
                status = ask().status_code
                spent.append((time.perf_counter() - begun) * 1000)
                late += status not in REFUSED
            found[f"{way}, {road}"] = late, spent
    return found


class World:
    """Bob reads a document of Alice's cabinet, in a browser and by a key."""

    def __init__(self) -> None:
        from tests.factories import People, upload

        self.people = People.make()
        self.document = upload(self.people.alice, self.people.root_folder, "rules.txt", "Ask first.")

    def give(self) -> None:
        from django.test import Client

        from apps.accounts.models import User
        from apps.accounts.services import api_key_create
        from apps.cabinets.services.grants import grants_set

        people = self.people
        User.objects.filter(pk=people.bob.pk).update(is_active=True, clearance=1)
        people.bob.refresh_from_db()
        entries = [("user:alice", "manager"), ("user:bob", "viewer")]
        grants_set(by=people.alice, cabinet=people.cabinet, entries=entries)
        self.key, secret = api_key_create(by=None, user=people.bob, name="", scopes=["documents:read"])
        self.program, self.browser = Client(HTTP_AUTHORIZATION=f"Bearer {secret}"), Client()
        self.browser.force_login(people.bob)

    def ways(self) -> dict[str, Callable[[], Any]]:
        from apps.accounts.services import user_set_active, user_set_clearance
        from apps.cabinets.services.grants import grants_set

        people = self.people
        return {
            "the grant taken away": lambda: grants_set(
                by=people.alice, cabinet=people.cabinet, entries=[("user:alice", "manager")]
            ),
            "the person deactivated": lambda: user_set_active(by=people.root, user=people.bob, active=False),
            "the clearance lowered": lambda: user_set_clearance(by=people.root, user=people.bob, clearance=0),
        }

    def roads(self) -> dict[str, Callable[[], Any]]:
        path = f"/api/v1/documents/{self.document.pk}"
        return {
            "by key": lambda: self.program.get(path),
            "the original by key": lambda: self.program.get(f"{path}/file"),
            "in the browser": lambda: self.browser.get(path),
        }


def report(found: dict[str, tuple[int, list[float]]]) -> int:
    for name, (late, spent) in found.items():
        middle, slowest = statistics.median(spent), max(spent)
        print(f"{name:45} {len(spent)} rounds, {late} late, median {middle:.1f} ms, slowest {slowest:.1f} ms")
    return 1 if any(late for late, _spent in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
