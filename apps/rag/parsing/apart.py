"""Attachments laid aside by a parser child: their bytes in a folder, what they are in a list beside them."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from apps.rag.errors import ParseError

FOLDER, LIST = "attachments", "list.jsonl"
MOST = 50  # attachments of one mail, with those of the messages inside it
_MOST_LIST = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """`path` is where its bytes lie for now."""

    name: str
    media_type: str
    path: Path


def lay_aside(name: str, media_type: str, data: bytes) -> None:
    """In the child, whose folder of work is the current one. Raises ParseError: too_large, too_many."""
    folder = Path(FOLDER)
    folder.mkdir(exist_ok=True)
    index = folder / LIST
    number = index.read_bytes().count(b"\n") if index.exists() else 0
    if number >= MOST:
        raise ParseError(f"more than {MOST} attachments", code="too_many")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if limit != resource.RLIM_INFINITY and len(data) > limit:
        raise ParseError(f"{len(data)} bytes", code="too_large")
    (folder / str(number)).write_bytes(data)
    with index.open("ab") as file:
        file.write(orjson.dumps({"name": name, "media_type": media_type}) + b"\n")


def laid_aside(folder: Path) -> Iterator[Attachment]:
    """What a child left in its folder of work, in order. The child is not trusted: raises
    ParseError(code="crashed") for anything else than `lay_aside` writes."""
    index = folder / FOLDER / LIST
    if not index.exists():
        return
    if index.is_symlink() or index.stat().st_size > _MOST_LIST:
        raise ParseError("no list of attachments", code="crashed")
    for number, line in enumerate(index.read_bytes().splitlines()):
        path = folder / FOLDER / str(number)
        try:
            found = orjson.loads(line)
            attachment = Attachment(str(found["name"]), str(found["media_type"]), path)
        except (ValueError, TypeError, KeyError) as error:
            raise ParseError("a list of attachments that makes no sense", code="crashed") from error
        if number >= MOST or path.is_symlink() or not path.is_file():
            raise ParseError("an attachment that is not there", code="crashed")
        yield attachment
