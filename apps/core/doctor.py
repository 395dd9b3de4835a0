"""Does everything still agree? Checks that the apps register in settings.DOCTOR_CHECKS, one an invariant.

A check is a generator function `check(*, repair: bool)` that yields a Finding for each thing that is wrong and,
asked to repair, mends it first and says how. It streams: nothing grows with the number of documents.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)
MOST_FINDINGS = 1000  # of one invariant: more say nothing new
BATCH = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """`invariant` as in the list of them (I1 …), `subject` what it is about, `mended` what was done about it."""

    invariant: str
    subject: str
    detail: str
    mended: str = ""

    @property
    def line(self) -> str:
        mended = f"  → {self.mended}" if self.mended else ""
        return f"{self.invariant}  {self.subject}: {self.detail}{mended}"


Check = Callable[..., Iterator[Finding]]


def examine(*, repair: bool = False) -> Iterator[Finding]:
    """Run every check. A check that cannot be made is a finding of its own, never a silence."""
    for invariant, path in settings.DOCTOR_CHECKS.items():
        try:
            yield from islice(import_string(path)(repair=repair), MOST_FINDINGS)
        except Exception as error:  # one broken dependency must not hide the other checks
            logger.info("the check of %s failed", invariant, exc_info=True)
            yield Finding(invariant, "check", f"could not be made: {type(error).__name__}: {error}"[:500])
        finally:
            release()


def report(*, repair: bool = False) -> dict[str, Any]:
    """All findings as JSON, as the result of a job: {checked, healthy, findings}."""
    found = list(islice(examine(repair=repair), MOST_FINDINGS))
    return {
        "checked": list(settings.DOCTOR_CHECKS),
        "healthy": not any(not finding.mended for finding in found),
        "findings": [asdict(finding) for finding in found],
    }


def in_batches(rows: QuerySet, *, size: int = BATCH) -> Iterator[list[Any]]:
    """All rows by their key, some at a time, with no connection held between."""
    last = None
    while True:
        page = rows.order_by("pk") if last is None else rows.order_by("pk").filter(pk__gt=last)
        batch = list(page[:size])
        release()
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def release() -> None:
    """Outside a transaction, give the connection back while the store or the disk is asked."""
    try:
        if not connection.in_atomic_block:
            connection.close()
    except DatabaseError as error:
        logger.info("a connection was broken: %s", error)
