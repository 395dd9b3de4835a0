"""Faults of getting and checking model files."""

from __future__ import annotations

from apps.rag.errors import RagError


class ModelFileError(RagError):
    """Codes: hub_unreachable, hub_not_found, hub_refused, hub_bad_answer, hub_bad_name, hub_checksum,
    disk_full, cancelled, model_unsafe (pickles or code alone), model_unusable, model_exists, model_absent."""

    code = "model_unusable"
