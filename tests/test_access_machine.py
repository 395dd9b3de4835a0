"""Grants, moves, breaks and revocations in any order: the gate agrees with a plain oracle after every step."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.access_machine import AccessMachine

STEPS = settings(
    max_examples=3,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db
def test_the_gate_agrees_with_the_oracle_after_every_step():
    run_state_machine_as_test(AccessMachine, settings=STEPS)
