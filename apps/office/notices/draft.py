"""A draft: values that pass from the writing to the page, the interface and the file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Role = Literal["opening", "head", "body", "item", "closing"]
SourceKind = Literal["fact", "phrase", "model", "document", "rule", "person"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where words come from: a `fact` by the name it was given under, a set `phrase` of this kind of document,
    a `model`, a `document` of a cabinet, a `rule` of the genre, or a `person` who wrote them."""

    kind: SourceKind
    name: str = ""
    document_id: str = ""
    title: str = ""
    url: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing: the field, the question to ask, and what earlier documents said there."""

    field: str
    word: str
    question: str
    suggestions: tuple[tuple[str, Source], ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`level` 0 is running text; 1 一、 2 （一） 3 1. 4 （1）. The number is part of the text. `gaps`: fields missing here."""

    text: str
    level: int = 0
    role: Role = "body"
    sources: tuple[Source, ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldValue:
    value: str
    source: Source


@dataclass(frozen=True, slots=True)
class Attachment:
    """Named in the list of attachments; `text` lines are printed on a page of its own."""

    title: str
    text: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """All of a document. `warnings` are sentences for the writer."""

    kind: str
    blueprint: str
    title: str
    fields: dict[str, FieldValue] = field(default_factory=dict)
    paragraphs: list[Paragraph] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    precedents: list[Source] = field(default_factory=list)

    def value(self, name: str) -> str:
        held = self.fields.get(name)
        return held.value if held else ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def draft_from(data: dict[str, Any]) -> Draft:
    """The reverse of as_json."""
    return Draft(
        kind=data["kind"],
        blueprint=data["blueprint"],
        title=data["title"],
        fields={
            name: FieldValue(held["value"], Source(**held["source"])) for name, held in data["fields"].items()
        },
        paragraphs=[_paragraph(entry) for entry in data["paragraphs"]],
        gaps=[
            Gap(
                entry["field"],
                entry["word"],
                entry["question"],
                tuple((value, Source(**source)) for value, source in entry["suggestions"]),
            )
            for entry in data["gaps"]
        ],
        attachments=[Attachment(entry["title"], tuple(entry["text"])) for entry in data["attachments"]],
        warnings=list(data["warnings"]),
        precedents=[Source(**entry) for entry in data["precedents"]],
    )


def _paragraph(entry: dict[str, Any]) -> Paragraph:
    sources = tuple(Source(**source) for source in entry["sources"])
    return Paragraph(entry["text"], entry["level"], entry["role"], sources, tuple(entry["gaps"]))
