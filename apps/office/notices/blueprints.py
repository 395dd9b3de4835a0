"""What each kind of document says and in which order, read from data/notices.json."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from apps.office.notices.kinds import Kind

DATA = Path(__file__).resolve().parent.parent / "data" / "notices.json"


@dataclass(frozen=True, slots=True)
class Section:
    """`text`: wordings, the first that can be filled counts. `each`: a fact whose points become paragraphs.
    Without `need` it is left out where its facts are missing; `unless` names facts that stand in for it."""

    head: str = ""
    text: tuple[str, ...] = ()
    each: str = ""
    need: bool = False
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blueprint:
    """`when`: words of the subject, `facts`: names, one of which chooses it. The last one of a kind is its general one."""

    id: str
    kind: str
    when: str
    facts: tuple[str, ...]
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    reader: tuple[str, ...]
    closing: str | None = None
    title: str = ""
    verb: str = ""
    verb_unless: str = ""
    bracket: str = ""
    contact: bool = False


@cache
def blueprints() -> tuple[Blueprint, ...]:
    return tuple(_read(entry) for entry in json.loads(DATA.read_text(encoding="utf-8")))


def _read(entry: dict) -> Blueprint:
    sections = tuple(
        Section(
            section.get("head", ""),
            tuple(section.get("text", ())),
            section.get("each", ""),
            section.get("need", False),
            tuple(section.get("unless", ())),
        )
        for section in entry["sections"]
    )
    texts: dict[str, Any] = {name: tuple(entry[name]) for name in ("facts", "opening", "reader")}
    rest: dict[str, Any] = {
        name: entry[name]
        for name in ("closing", "title", "verb", "verb_unless", "bracket", "contact")
        if name in entry
    }
    return Blueprint(
        id=entry["id"], kind=entry["kind"], when=entry["when"], sections=sections, **texts, **rest
    )


def blueprint_named(name: str) -> Blueprint | None:
    return next((one for one in blueprints() if one.id == name), None)


def blueprint_for(kind: Kind, subject: str, given: Collection[str]) -> Blueprint:
    """The special one that the subject or the facts call for, else the general one of the kind."""
    mine = [one for one in blueprints() if one.kind == kind.name]
    for one in mine[:-1]:
        if one.when and re.search(one.when, subject):
            return one
    for one in mine[:-1]:
        if one.facts and all(name in given for name in one.facts):
            return one
    return mine[-1]
