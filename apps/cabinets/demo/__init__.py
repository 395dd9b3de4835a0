"""The demo cabinet: files of a fictional organisation, and golden questions about them.

Standard library only, so that any process may import it. `build.py` beside this module makes the
office files and PDFs from `sources/`; they are committed, so nothing has to be built to use them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"
GOLDEN = HERE / "golden.json"

# Named here since the platform's own table differs from machine to machine.
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".md": "text/markdown",
    ".html": "text/html",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".eml": "message/rfc822",
}


@dataclass(frozen=True, slots=True)
class DemoFile:
    """`folder` is a slash-separated path inside the cabinet, without a leading slash."""

    folder: str
    filename: str
    path: Path
    media_type: str

    @property
    def name(self) -> str:
        """Folder and file name, as golden questions cite the file."""
        return f"{self.folder}/{self.filename}"


@dataclass(frozen=True, slots=True)
class Bilingual:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class DemoCabinet:
    name: Bilingual
    description: Bilingual


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Questions to offer on an empty conversation, by the language of the page."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """`documents` are DemoFile names, the first the main one; `page` counts from 1 in the first (a slide
    is a page) and is None where it has no pages. Every string of `must_contain` occurs in a cited document, after
    NFKC and with white space removed. An unanswerable question cites nothing; its `answer` says
    what a good reply admits."""

    id: str
    language: Literal["zh", "en"]
    question: str
    answer: str
    documents: tuple[str, ...]
    page: int | None
    must_contain: tuple[str, ...]
    unanswerable: bool = False


@dataclass(frozen=True, slots=True)
class Golden:
    cabinet: DemoCabinet
    suggestions: Suggestions
    questions: tuple[GoldenQuestion, ...]


def demo_files() -> list[DemoFile]:
    """Every file of the cabinet, sorted by name. Raises ValueError for a suffix without a media type."""
    return [_demo_file(path) for path in sorted(FILES.rglob("*")) if path.is_file()]


def golden() -> Golden:
    """The cabinet's name, suggestions and golden questions. Raises KeyError if a field is missing."""
    data = json.loads(GOLDEN.read_text(encoding="utf-8"))
    cabinet, suggestions = data["cabinet"], data["suggestions"]
    return Golden(
        cabinet=DemoCabinet(Bilingual(**cabinet["name"]), Bilingual(**cabinet["description"])),
        suggestions=Suggestions(tuple(suggestions["zh"]), tuple(suggestions["en"])),
        questions=tuple(_question(item) for item in data["questions"]),
    )


def _demo_file(path: Path) -> DemoFile:
    media_type = MEDIA_TYPES.get(path.suffix)
    if media_type is None:
        raise ValueError(f"no media type is known for the demo file {path.name}")
    # Some file systems hand names back decomposed; questions cite them composed.
    folder = normalize("NFC", path.parent.relative_to(FILES).as_posix())
    return DemoFile(folder, normalize("NFC", path.name), path, media_type)


def _question(item: dict[str, Any]) -> GoldenQuestion:
    return GoldenQuestion(
        id=item["id"],
        language=item["language"],
        question=item["question"],
        answer=item["answer"],
        documents=tuple(item["documents"]),
        page=item["page"],
        must_contain=tuple(item["must_contain"]),
        unanswerable=item.get("unanswerable", False),
    )
