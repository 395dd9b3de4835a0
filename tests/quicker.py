"""What only costs time in tests: emptying a database table by table, and a password's hash that is slow on purpose."""

from __future__ import annotations

from functools import cache

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import TransactionTestCase

# They follow from the models alone; Django's own emptying deletes and writes them again.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}
LEAST_WORK = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


def apply(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: emptied())
    for name, value in LEAST_WORK.items():
        patch.setattr(Argon2PasswordHasher, name, value)


def emptied() -> None:
    """No row is left. It waits for who is still writing, as Django's own does; a TRUNCATE of all tables and what
    follows it takes a hundred times as long as deleting the few rows of a test."""
    connection.ops.execute_sql_flush(_statements(connection.vendor))


@cache
def _statements(vendor: str) -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [connection.ops.quote_name(name) for name in sorted(set(names) - KEPT)]
    deleting = [f"DELETE FROM {table}" for table in tables]
    if vendor != "postgresql":
        return deleting
    return [f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE", "; ".join(deleting)]
