"""The environment of the tests, set before anything reads the settings (pytest loads this with -p).

Nothing of a test touches the data, the model or the language of a real instance.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_scratch = tempfile.mkdtemp(prefix="askive-tests-")
(Path(_scratch) / "static").mkdir()
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
os.environ.update(
    {
        "DATA_DIR": _scratch,
        "LLM_DISCOVERY": " ,",
        "LLM_BASE_URL": "",
        "LLM_MODEL": "",
        "PRODUCTION": "false",
        "REDIS_URL": "",
        "CELERY_BROKER_URL": "",
        "QDRANT_URL": "",
        "EMBED_URL": "",
        "RERANK_URL": "",
        "RERANK_MODEL": "",
        "LANGUAGE": "en",
    }
)
os.environ.setdefault("DATABASE_POOL", "8")
