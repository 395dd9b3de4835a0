"""Synchronisations with the directory: on schedule or when an administrator asks, one at a time, each kept with
what came of it.

A row is asked for, then taken by a worker under a lease; a message to the workers is a hint that the sweep
repeats, and what a crash leaves open is closed when its lease has run out."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.ldap import directory, sync
from apps.accounts.models import DirectoryRun, User
from apps.accounts.trail import audit_record

logger = logging.getLogger(__name__)
LEASE = timedelta(hours=1)
AGAIN = timedelta(minutes=15)  # after a run that could not be made
KEPT, MOST_NAMED = 50, 50
Outcome = DirectoryRun.Outcome
UNMADE = (Outcome.AWAY, Outcome.FAILED, Outcome.CUT_OFF)


def is_due() -> bool:
    """By the schedule of LDAP_SYNC_HOURS; sooner after a run that could not be made."""
    hours = settings.LDAP["sync_hours"]
    if not directory.is_configured() or hours <= 0:
        return False
    last = DirectoryRun.objects.first()
    if last is None:
        return True
    wait = min(AGAIN, timedelta(hours=hours)) if last.outcome in UNMADE else timedelta(hours=hours)
    return last.slot is None and last.asked_at <= timezone.now() - wait


def ask(*, by: User | None) -> DirectoryRun | None:
    """A new run; None while another one is open."""
    close_dead()
    try:
        with transaction.atomic():
            run = DirectoryRun.objects.create(by=by)
            if by is not None:
                audit_record(by, action="directory.sync")
    except IntegrityError:
        return None
    old = DirectoryRun.objects.values_list("pk", flat=True)[KEPT:]
    DirectoryRun.objects.filter(pk__in=list(old)).delete()
    return run


def close_dead() -> None:
    """Runs whose worker is gone."""
    now = timezone.now()
    dead = DirectoryRun.objects.filter(slot=1, lease_until__lt=now)
    dead.update(slot=None, ended_at=now, outcome=Outcome.CUT_OFF)


def waiting() -> bool:
    return DirectoryRun.objects.filter(slot=1, taken_at=None).exists()


def take() -> DirectoryRun | None:
    """The open run that nobody has taken; of two who ask one gets it."""
    now = timezone.now()
    run = DirectoryRun.objects.filter(slot=1, taken_at=None).first()
    mine = Q(pk=run.pk, taken_at=None) if run is not None else Q(pk=None)
    taken = DirectoryRun.objects.filter(mine).update(taken_at=now, lease_until=now + LEASE)
    return run if taken else None


def perform(run: DirectoryRun, *, force: bool = False) -> sync.Result:
    """Do it and keep what came of it. Raises DirectoryAway, TooManyGone, or whatever went wrong, once it is kept."""
    try:
        result = sync.synchronise(force=force)
    except directory.DirectoryAway as error:
        _end(run, Outcome.AWAY, {"reason": str(error)[:300]})
        raise
    except sync.TooManyGone as error:
        _end(run, Outcome.TOO_MANY, {"gone": error.gone, "known": error.known})
        raise
    except Exception as error:
        _end(run, Outcome.FAILED, {"reason": type(error).__name__})
        raise
    _end(run, Outcome.DONE, _told(result))
    return result


def _told(result: sync.Result) -> dict[str, Any]:
    return {
        "seen": result.seen,
        "made": result.made,
        "gone": len(result.deactivated),
        "deactivated": result.deactivated[:MOST_NAMED],
        "refused_count": len(result.refused),
        "refused": [reason[:200] for reason in result.refused[:MOST_NAMED]],
    }


def _end(run: DirectoryRun, outcome: str, detail: dict[str, Any]) -> None:
    ended = {"slot": None, "ended_at": timezone.now(), "outcome": outcome, "detail": detail}
    if not DirectoryRun.objects.filter(pk=run.pk, slot=1).update(**ended):
        logger.warning("a synchronisation with the directory ended after its lease: %s %s", outcome, detail)
