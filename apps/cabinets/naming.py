"""Which documents a question names: by number (国发〔2024〕3号) or by title (《差旅费管理办法》, 劳动合同法第十条)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.readers import Reader
from apps.rag.facets import Facets

MOST = 20  # documents; a name that fits more says too little
SHORTEST = 4  # characters of a title that is looked up


def documents_named(user: User | Reader, facets: Facets) -> frozenset[UUID]:
    """Those that the person may see; empty where nothing is named or too many fit. A number counts as it was
    confirmed or, before anybody did, as it was read from the text."""
    wanted = Q(pk__in=[])
    for number in facets.numbers:
        year, _, serial = number.removeprefix("文号:").partition("-")
        ending = f"〔{year}〕{serial}号"
        wanted |= Q(metadata__document_number__endswith=ending) | Q(
            suggested__document_number__endswith=ending
        )
    for name in facets.names:
        if len(name) >= SHORTEST:
            wanted |= Q(title__icontains=name)
    found = (
        access.visible_documents(user).filter(wanted).order_by("pk").values_list("pk", flat=True)[: MOST + 1]
    )
    keys = frozenset(found)
    return keys if len(keys) <= MOST else frozenset()
