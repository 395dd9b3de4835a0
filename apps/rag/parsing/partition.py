"""The one place that imports `unstructured`: offline, without telemetry, without its models."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Read at import time by unstructured, so set before it.
_ENVIRONMENT = {"SCARF_NO_ANALYTICS": "1", "DO_NOT_TRACK": "1", "UNSTRUCTURED_DISABLE_NOTICE": "1"}


@dataclass(frozen=True, slots=True)
class Part:
    """`depth` is the depth of a list item or heading tag from 0, None where no tag says so."""

    category: str
    text: str
    depth: int | None


def load() -> Any:
    """Import unstructured's HTML partitioner and return it."""
    os.environ.update(_ENVIRONMENT)
    from apps.rag.parsing import plaintokens

    sys.modules.setdefault("unstructured.nlp.tokenize", plaintokens)
    from unstructured.partition.html import partition_html

    return partition_html


def html_parts(markup: str) -> Iterator[Part]:
    """The blocks of an HTML document in reading order. Never fetches anything."""
    partition_html = load()
    # languages=[""] switches its language detection off: slow, and wrong for short Chinese lines.
    for element in partition_html(text=markup, languages=[""]):
        yield Part(element.category, element.text or "", element.metadata.category_depth)
