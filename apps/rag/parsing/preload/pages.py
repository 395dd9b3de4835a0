"""For HTML, MHTML and mail: unstructured on top, which takes over a second to import."""

from __future__ import annotations

import gc

from apps.rag.parsing import partition
from apps.rag.parsing.preload import light  # noqa: F401

partition.load()
gc.collect()
gc.freeze()
