"""What every search asks the database for one reader, each question put into SQL once (apps.core.prepared)."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import DateField, F, Field, IntegerField, Q, QuerySet, UUIDField

from apps.cabinets import access, validity
from apps.cabinets.models import Cabinet, Chunk
from apps.cabinets.readers import Reader
from apps.core.prepared import Many, Prepared, Slot

MOST_TUNED = 100_000
KEPT_READERS = 128  # a few dozen kilobytes each

# Plain rows: fifty candidates of every search come this way, and model instances cost three times as much.
PASSAGE_FIELDS = (
    "id", "document_id", "generation", "index", "document__title", "text", "headings", "page_start", "page_end",
    "boxes", "sheet", "cells", "language",
)  # fmt: skip


class Questions:
    """The questions of one reader. Their answers are those of the moment in which they are asked."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        keys: Field = UUIDField()
        # With the number by which what lies in it is remembered (apps.cabinets.places).
        self.cabinets = Prepared(lambda: access.cabinets_for(reader).order_by().values_list("pk", "rights"))
        self.personal = Prepared(
            lambda key: access.personal_cabinets_for(reader).filter(pk=key).values_list("pk", flat=True),
            key=keys,
        )
        self.passages = Prepared(self._passages, keys=Many(keys))
        self.passages_on = Prepared(self._passages, keys=Many(keys), day=DateField())
        number: Field = IntegerField()
        near = {
            "documents": Many(keys),
            "generations": Many(number),
            "lows": Many(number),
            "highs": Many(number),
        }
        self.neighbours = Prepared(self._neighbours, **near)
        self.neighbours_on = Prepared(self._neighbours, **near, day=DateField())

    def _passages(self, keys: list[Slot], day: Slot | None = None) -> QuerySet:
        return self._readable(day).filter(pk__in=keys).values_list(*PASSAGE_FIELDS)

    def _neighbours(
        self,
        documents: list[Slot],
        generations: list[Slot],
        lows: list[Slot],
        highs: list[Slot],
        day: Slot | None = None,
    ) -> QuerySet:
        near = Q(pk__in=[])
        for document, generation, low, high in zip(documents, generations, lows, highs, strict=True):
            near |= Q(document=document, generation=generation, index__range=(low, high))
        return self._readable(day).filter(near).values_list(*PASSAGE_FIELDS)

    def _readable(self, day: Slot | None) -> QuerySet[Chunk]:
        """Enabled chunks of the served generation of documents that the reader may see, and that are in force."""
        allowed = access.document_gate(self._reader, prefix="document__")
        if day is not None:
            allowed &= validity.in_force(on=day, prefix="document__")
        return Chunk.objects.filter(
            allowed, enabled=True, generation=F("document__active_generation")
        ).order_by()


@lru_cache(maxsize=KEPT_READERS)
def questions_of(reader: Reader) -> Questions:
    return Questions(reader)


# Cabinets with settings of their own, whoever reads: they are few.
TUNED = Prepared(lambda: Cabinet.objects.exclude(retrieval={}).order_by().values_list("pk")[:MOST_TUNED])
