"""The model that is served now: one in a process, opened again when another one became active."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING
from uuid import UUID

from apps.office.models import ProofreaderModel
from apps.office.training.building import folder_of

if TYPE_CHECKING:
    from apps.office.proofreading.statistics.corrector import NgramCorrector

logger = logging.getLogger(__name__)
_lock = threading.Lock()
_open: dict[UUID, NgramCorrector] = {}


def corrector() -> NgramCorrector | None:
    """None while nothing was trained, or where the files are gone."""
    row = ProofreaderModel.objects.filter(active=True).only("pk", "fingerprint", "curve").first()
    if row is None:
        return None
    if row.pk not in _open:
        with _lock:
            if row.pk not in _open:
                _load(row)
    return _open.get(row.pk)


def _load(row: ProofreaderModel) -> None:
    from apps.office.proofreading.statistics.corrector import NgramCorrector

    try:
        made = NgramCorrector.open(folder_of(row.pk), fingerprint=row.fingerprint, curve=row.curve)
    except (OSError, ValueError, KeyError) as error:
        logger.warning("the proofreader's model %s cannot be opened: %s", row.pk, error)
        return
    _open.clear()
    _open[row.pk] = made
