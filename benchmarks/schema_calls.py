"""Calls made up from the OpenAPI documents, many of each operation, by nobody, a person and an administrator:

    python -m benchmarks.schema_calls [--cases 20] [--seed 1]

What tests/test_schema_calls.py tries once in each run of the tests is tried here with other values: no answer may be
a fault of ours, and none but those that are open to all may come without a key. It works on a database of its own."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20, help="of each operation")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="askive-calls-") as folder:
        os.environ["DATA_DIR"] = folder
        Path(folder, "static").mkdir()
        import django

        django.setup()
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment()
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            return measure(cases=asked.cases, seed=asked.seed)
        finally:
            teardown_databases(databases, verbosity=0)


def measure(*, cases: int, seed: int) -> int:
    from django.db import transaction

    from tests.factories import People
    from tests.test_schema_calls import calls_of, operations

    people, tried, begun = People.make(), operations(), time.perf_counter()
    wrong: list[str] = []
    sent = 0
    for operation in tried:
        with transaction.atomic():
            sent += calls_of(operation, people, wrong, cases=cases, seed=seed)
            transaction.set_rollback(True)
    spent = time.perf_counter() - begun
    print(f"{len(tried)} operations, {sent} calls in {spent:.0f} s, {len(wrong)} wrong answers")
    for line in sorted(set(wrong)):
        print(" ", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
