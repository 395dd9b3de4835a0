"""Walk through many random changes of rights and compare the gate with the plain oracle after each:

    python -m benchmarks.access_machine --steps 10000

It works on a database of its own (SQLite in memory, or DATABASE_URL's test database) and leaves nothing behind.
The machine and the oracle are those of the tests (tests/access_machine.py)."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
STEPS_EACH = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    import django

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        return _walk(steps=asked.steps, seed=asked.seed)
    finally:
        teardown_databases(databases, verbosity=0)


def _walk(*, steps: int, seed: int) -> int:
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis import seed as seeded
    from hypothesis.stateful import invariant, run_state_machine_as_test

    from tests.access_machine import AccessMachine

    done = {"steps": 0}

    class Counted(AccessMachine):
        @invariant()
        def the_gate_says_what_the_oracle_says(self) -> None:
            done["steps"] += 1
            super().the_gate_says_what_the_oracle_says()

    wanted = settings(
        max_examples=max(1, steps // STEPS_EACH),
        stateful_step_count=STEPS_EACH,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    begun = time.perf_counter()
    run_state_machine_as_test(seeded(seed)(Counted), settings=wanted)
    seconds = time.perf_counter() - begun
    print(f"seed {seed}: {done['steps']} states compared in {seconds:.0f} s, no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
