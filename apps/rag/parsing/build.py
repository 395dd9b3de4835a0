"""Collects elements in reading order and keeps the path of headings above each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from apps.rag.errors import ParseError
from apps.rag.languages import detect
from apps.rag.parsing.notes import note
from apps.rag.types import Box, Element, ElementKind, ParsedDocument

MAX_ELEMENTS = 400_000
_SAMPLES, _SAMPLED = 20, 200  # pieces of text that tell the language, characters of each
_MAX_HEADING = 200  # characters; a longer "heading" is a paragraph with the wrong style


class Builder:
    """Add what a file holds from top to bottom, then take `document()`. With `emit` the elements go there
    one by one and are not held; the document then comes without them."""

    def __init__(self, emit: Callable[[Element], None] | None = None) -> None:
        self._elements: list[Element] = []
        self._emit = emit or self._elements.append
        self._count = 0
        self._sample: list[str] = []
        self._sample_step = 1
        self._path: list[tuple[int, str]] = []
        self._warnings: dict[str, None] = {}  # ordered, without doubles

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._path)

    def heading(self, text: str, *, level: int, page: int | None = None, box: Box | None = None) -> None:
        """A heading of that level (1 is the outermost); what follows stands under it."""
        text = text.strip()
        if not text:
            return
        if len(text) > _MAX_HEADING:
            self.add("paragraph", text, page=page, box=box)
            return
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self.add("heading", text, page=page, box=box, level=level)
        self._path.append((level, text))

    def leave_headings(self) -> None:
        """What follows stands under no heading (a new sheet, an attachment)."""
        self._path.clear()

    def add(
        self,
        kind: ElementKind,
        text: str,
        *,
        page: int | None = None,
        box: Box | None = None,
        level: int | None = None,
        sheet: str | None = None,
        cells: str | None = None,
    ) -> None:
        """Add one element under the present headings; blank text is passed over."""
        text = (
            text.strip("\n").rstrip() if kind in ("code", "list") else text.strip()
        )  # their indentation tells
        if not text.strip():
            return
        self._take(
            Element(
                kind, text, page=page, box=box, headings=self.headings, level=level, sheet=sheet, cells=cells
            )
        )

    def extend(self, elements: Iterable[Element], *, under: tuple[str, ...] = ()) -> None:
        """Take over parsed elements, their heading paths put below `under`."""
        for element in elements:
            self._take(
                Element(
                    element.kind,
                    element.text,
                    headings=under + element.headings,
                    level=element.level,
                    sheet=element.sheet,
                    cells=element.cells,
                )
            )

    def _take(self, element: Element) -> None:
        if self._count >= MAX_ELEMENTS:
            self.warn(note("elements_cut", kept=MAX_ELEMENTS))
            return
        if self._count % self._sample_step == 0:
            self._sample.append(element.text[:_SAMPLED])
            if len(self._sample) >= 2 * _SAMPLES:  # half as many, twice as far apart: all over the document
                self._sample, self._sample_step = self._sample[::2], 2 * self._sample_step
        self._count += 1
        self._emit(element)

    def warn(self, warning: str) -> None:
        self._warnings[warning] = None

    def document(
        self,
        *,
        page_count: int | None = None,
        page_sizes: Iterable[tuple[float, float]] = (),
        metadata: dict[str, str] | None = None,
        empty_code: str = "empty",
    ) -> ParsedDocument:
        """The document. Raises ParseError(empty_code) when nothing was added."""
        if not self._count:
            raise ParseError("the file has no text", code=empty_code)
        return ParsedDocument(
            elements=tuple(self._elements),
            page_count=page_count,
            language=detect("\n".join(self._sample)),  # a foreign cover page does not decide
            metadata={key: value for key, value in (metadata or {}).items() if value},
            warnings=tuple(self._warnings),
            page_sizes=tuple(page_sizes),
        )
