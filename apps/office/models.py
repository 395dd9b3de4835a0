"""Models of office writing, each beside what it belongs to; Django finds them here."""

from apps.office.proofreading_models import (
    DictionaryEntry,
    ProofFinding,
    ProofreaderModel,
    Proofreading,
)

__all__ = ["DictionaryEntry", "ProofFinding", "ProofreaderModel", "Proofreading"]
