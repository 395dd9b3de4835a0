"""What stands around a found passage: its neighbours under the same headings, each given once.

The small passage is found and cited; the model reads it with what surrounds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from apps.rag.types import Chunk, ScoredChunk, Source

REACH = 4  # neighbours that are looked at on each side
LONGEST = 1600  # characters of a passage with its surroundings
_MOST_OVERLAP, _LEAST_OVERLAP = 400, 12
_RULE_ROW = re.compile(r"\|(?: ?:?-{3,}:? ?\|)+")
_Place = tuple[UUID, int, int]


def sources_of(passages: Sequence[ScoredChunk], neighbours: Iterable[Chunk] = ()) -> tuple[Source, ...]:
    """Numbered from 1 in the order given. A neighbour goes to the best passage that it stands beside and to
    no other, and a found passage is never the surroundings of another: nothing is given twice."""
    near = {_place(chunk): chunk for chunk in neighbours}
    for passage in passages:
        near.pop(_place(passage.chunk), None)
    return tuple(_source(number, passage, near) for number, passage in enumerate(passages, start=1))


def _source(number: int, passage: ScoredChunk, near: dict[_Place, Chunk]) -> Source:
    """Grow to both sides in turn while there is room; what is taken leaves `near`."""
    own = passage.chunk
    room = LONGEST - len(own.text)
    sides: dict[int, list[Chunk]] = {1: [], -1: []}
    growing = [1, -1]
    while growing:
        side = growing.pop(0)
        last = sides[side][-1] if sides[side] else own
        found = near.get((own.document_id, own.generation, last.index + side))
        if found is None or not _same_section(own, found) or len(found.text) > room:
            continue
        room -= len(found.text)
        sides[side].append(near.pop(_place(found)))
        growing.append(side)
    return Source(number, passage, before=_before(own, sides[-1]), after=_after(own, sides[1]))


def _place(chunk: Chunk) -> _Place:
    return chunk.document_id, chunk.generation, chunk.index


def _same_section(own: Chunk, other: Chunk) -> bool:
    return (own.headings, own.sheet) == (other.headings, other.sheet)


def _before(own: Chunk, chunks: Sequence[Chunk]) -> str:
    """Nearest first. The passage itself stays as it is, so what both say goes from its surroundings."""
    if not chunks:
        return ""
    text = chunks[-1].text
    for left, right in zip(chunks[:0:-1], chunks[-2::-1], strict=True):
        text += _rest(left.text, right.text)
    overlap = _overlap(text, own.text)
    return text[:-overlap] if overlap else f"{text}\n"


def _after(own: Chunk, chunks: Sequence[Chunk]) -> str:
    """Nearest first."""
    return "".join(_rest(left.text, right.text) for left, right in zip([own, *chunks], chunks, strict=False))


def _rest(left: str, right: str) -> str:
    """What `right` adds: not the end of `left` that a cut paragraph repeats, nor a table's repeated header."""
    if overlap := _overlap(left, right):
        return right[overlap:]
    head = right.split("\n", 2)
    if len(head) == 3 and _RULE_ROW.fullmatch(head[1]) and f"{head[0]}\n{head[1]}\n" in left:
        return f"\n{head[2]}"
    return f"\n{right}"


def _overlap(left: str, right: str) -> int:
    for length in range(min(len(left), len(right), _MOST_OVERLAP), _LEAST_OVERLAP - 1, -1):
        if left.endswith(right[:length]):
            return length
    return 0
