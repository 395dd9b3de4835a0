"""Models of office writing, each beside what it belongs to; Django finds them here."""

from apps.office.forms.models import OfficeForm
from apps.office.notices.models import Notice
from apps.office.proofreading_models import (
    DictionaryEntry,
    ProofFinding,
    ProofreaderModel,
    Proofreading,
)
from apps.office.webhooks.models import Delivery, Webhook

__all__ = [
    "Delivery",
    "DictionaryEntry",
    "Notice",
    "OfficeForm",
    "ProofFinding",
    "ProofreaderModel",
    "Proofreading",
    "Webhook",
]
