"""What the fork server of the models imports, so that a child needs to load its weights only.

No model is loaded and no graphics processor touched here: a child could not use it after a fork.
"""

from __future__ import annotations

import gc
import importlib
import logging

import apps.rag.embedders.local
import apps.rag.embedders.worker
import apps.rag.rerankers.cross_encoder  # noqa: F401

try:
    importlib.import_module("sentence_transformers")
except Exception:
    # The children meet the same fault, and tell it to who asked.
    logging.getLogger(__name__).exception("The libraries of the models cannot be loaded ahead.")
gc.collect()
gc.freeze()  # a child's collections then leave the shared pages alone
