from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing.serial import chunk_from_json, chunk_to_json, document_from_json, document_to_json
from apps.rag.types import Box, Chunk, Element, ParsedDocument, SourceFile, chunk_id

DOCUMENT = ParsedDocument(
    elements=(
        Element("heading", "总则", page=1, box=Box(1, 1.5, 2, 3, 4), level=1),
        Element("table", "| a |", headings=("总则",), sheet="一", cells="A1:B2"),
    ),
    page_count=2,
    language="zh",
    metadata={"title": "办法"},
    warnings=("警告\nwarning",),
    page_sizes=((595.0, 842.0),),
)
SOURCE = SourceFile(uuid.uuid4(), 2, uuid.uuid4(), uuid.uuid4(), "标题", Path("a.md"), "text/markdown")
CHUNK = Chunk(
    chunk_id(SOURCE.document_id, 2, 7),
    SOURCE.document_id,
    2,
    7,
    "标题",
    "正文",
    headings=("总则",),
    page_start=1,
    boxes=(Box(1, 1, 2, 3, 4),),
)


def test_documents_and_chunks_come_back_equal() -> None:
    assert document_from_json(document_to_json(DOCUMENT)) == DOCUMENT
    assert chunk_from_json(chunk_to_json(CHUNK), SOURCE, index=7) == CHUNK


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"elements": [{"kind": "evil", "text": ""}]}', b"null"]
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        document_from_json(data)
    assert caught.value.code == "crashed"


def test_broken_chunks_are_refused() -> None:
    with pytest.raises(ParseError):
        chunk_from_json(b'{"headings": ["no text"]}', SOURCE, index=0)
