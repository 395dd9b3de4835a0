"""The product's settings with a small real embedder, short pauses, and a store that can be told to fail."""

from __future__ import annotations

import os

from config.settings import *  # noqa: F403
from config.settings import RAG as PRODUCT_RAG

BACKOFF_SECONDS = (1, 1)
PARSER_PRELOAD = False
SWEEP_SECONDS = 1
_EMBEDDER = {
    "BACKEND": os.environ.get("FAULT_EMBEDDER", "tests.fakes.embedder.HashEmbedder"),
    "OPTIONS": {},
}
RAG = {**PRODUCT_RAG, "EMBEDDER": _EMBEDDER, "QUERY_EMBEDDER": _EMBEDDER}
if address := os.environ.get("FAULT_STORE"):
    RAG["STORE"] = {"BACKEND": "tests.faults.stores.RemoteStore", "OPTIONS": {"address": address}}
