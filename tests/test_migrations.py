"""Migrations: none is missing, and each can be taken back to nothing and done again."""

from __future__ import annotations

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

OURS = ("chat", "quality", "assistants", "cabinets", "accounts", "core")


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def our_tables() -> set[str]:
    wanted = {model._meta.db_table for label in OURS for model in apps.get_app_config(label).get_models()}
    return wanted & set(connection.introspection.table_names())


@pytest.mark.django_db(transaction=True)
def test_every_migration_reverses_to_zero_and_forward_again():
    full = our_tables()
    assert full
    try:
        executor = MigrationExecutor(connection)
        leaves = [(label, None) for label in (*OURS, "admin") if label in executor.loader.migrated_apps]
        executor.migrate(leaves)
        assert our_tables() == set()
    finally:
        call_command("migrate", verbosity=0, stdout=StringIO())
    assert our_tables() == full


def test_every_model_of_ours_has_a_migration(db):
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    for label in OURS:
        if list(apps.get_app_config(label).get_models()):
            assert label in executor.loader.migrated_apps
