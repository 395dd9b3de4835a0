"""A parser that takes minutes: what cancelling and time limits are tried on."""

from __future__ import annotations

import time

from apps.rag.types import ParsedDocument, SourceFile


class SlowParser:
    def parse(self, source: SourceFile) -> ParsedDocument:
        time.sleep(300)
        raise AssertionError("nobody stopped it")
