"""Celery's side of people: a message is a hint, the run's row decides."""

from __future__ import annotations

import logging

from celery import shared_task

from apps.accounts.hints import directory_hint

logger = logging.getLogger(__name__)


@shared_task(name="apps.accounts.tasks.synchronise")
def synchronise(**extra: object) -> None:
    """Do the synchronisation with the directory that was asked for."""
    from apps.accounts.ldap import runs
    from apps.accounts.ldap.directory import DirectoryAway
    from apps.accounts.ldap.sync import TooManyGone

    run = runs.take()
    if run is None:
        return
    try:
        runs.perform(run)
    except (DirectoryAway, TooManyGone) as error:
        logger.warning("the directory was not taken over: %s", error)


@shared_task(name="apps.accounts.tasks.sweep")
def sweep(**extra: object) -> None:
    """Ask for the synchronisation whose time has come, and remind the workers of one that nobody took."""
    from apps.accounts.ldap import directory, runs

    if not directory.is_configured():
        return
    runs.close_dead()
    if runs.is_due():
        runs.ask(by=None)
    if runs.waiting():
        directory_hint()
