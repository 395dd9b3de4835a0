"""An answer while it is written, and what of it is saved when it ends."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from time import perf_counter

from django.utils.safestring import SafeString

from apps.chat.ask import Ask
from apps.chat.evidence import meaning
from apps.chat.models import Message
from apps.chat.services import Outcome
from apps.rag.checks import Check, check_answer, says_not_found
from apps.rag.citations import best_quote, normalise
from apps.rag.sentences import containment, grams
from apps.rag.types import Source, Usage

Status, Basis = Message.Status, Message.Basis
FAR_BETTER = 0.2  # of a claim's terms


@dataclass
class Draft:
    ask: Ask
    started: float
    searched: tuple[str, ...] = ()
    answerable: bool | None = None
    sources: tuple[Source, ...] = ()
    parts: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    length: int = 0
    finish_reason: str = ""
    failure: str = ""
    usage: Usage | None = None
    timings: dict[str, int] = field(default_factory=dict)
    saved: bool = False
    rendered: tuple[int, SafeString | str] = (-1, "")  # length and HTML of what was rendered last
    thinking_since: float = 0.0

    def __post_init__(self) -> None:
        if self.ask.begun:
            self.parts, self.length = [self.ask.begun], len(self.ask.begun)

    @property
    def text(self) -> str:
        if len(self.parts) > 1:
            self.parts = ["".join(self.parts)]
        return self.parts[0] if self.parts else ""

    def first_token(self) -> None:
        if "first_token" not in self.timings:
            self.timings["first_token"] = round((perf_counter() - self.started) * 1000)

    def thinks(self) -> None:
        self.thinking_since = self.thinking_since or perf_counter()

    def speaks(self) -> None:
        if self.thinking_since:
            spent = round((perf_counter() - self.thinking_since) * 1000)
            self.timings["reasoning"] = self.timings.get("reasoning", 0) + spent
            self.thinking_since = 0.0


def finished(draft: Draft) -> Outcome:
    return _outcome(draft, Status.COMPLETE, finish_reason=draft.finish_reason)


def unfinished(draft: Draft, code: str) -> Outcome:
    """`interrupted` where words are there to keep, or the person stopped it; else `error`."""
    kept = bool(draft.text.strip()) or code in {"stopped", "left"}
    return _outcome(draft, Status.INTERRUPTED if kept else Status.ERROR, error_code=code)


def broken(draft: Draft) -> Outcome:
    """After a fault of this program: what is there, without another look at it."""
    status = Status.INTERRUPTED if draft.text.strip() else Status.ERROR
    return Outcome(
        status=status,
        content=draft.text,
        reasoning="".join(draft.reasoning),
        model=draft.ask.model_name,
        timings_ms=draft.timings,
        error_code="internal",
    )


def _outcome(draft: Draft, status: str, **ending: str) -> Outcome:
    numbers = [source.number for source in draft.sources]
    text = normalise(draft.text, numbers)
    checks = _checks(draft, text)
    draft.timings["total"] = round((perf_counter() - draft.started) * 1000)
    return Outcome(
        status=status,
        content=text,
        reasoning="".join(draft.reasoning),
        model=draft.ask.model_name,
        usage=asdict(draft.usage) if draft.usage else None,
        timings_ms=draft.timings,
        checks=[asdict(check) for check in checks],
        quotes=_quotes(draft.sources, checks),
        found=_found(draft, text, checks),
        continued=bool(draft.ask.begun),
        searched=draft.searched,
        **ending,
    )


def _checks(draft: Draft, text: str) -> list[Check]:
    """Quotes need no model to compare them with their passages."""
    if draft.ask.basis != Basis.DOCUMENTS:
        return []
    return check_answer(text, draft.sources, meaning=meaning() if draft.ask.model_name else None)


def _found(draft: Draft, text: str, checks: list[Check]) -> bool | None:
    """False where the answer says itself that the documents do not tell, or where the search doubted and nothing
    is cited; None where nothing tells."""
    if draft.ask.basis != Basis.DOCUMENTS or not text.strip():
        return None
    cited = any(check.numbers for check in checks)
    if says_not_found(text) or (draft.answerable is False and not cited):
        return False
    return True if cited else draft.answerable


def _quotes(sources: tuple[Source, ...], checks: list[Check]) -> dict[int, str]:
    """For each cited number the sentence nearest to the first claim citing it: of its passage, or of what
    stands around that where the passage itself does not say it."""
    passages = {source.number: source for source in sources}
    quotes: dict[int, str] = {}
    for check in checks:
        for number in check.numbers:
            if number in passages and number not in quotes:
                quotes[number] = _quote(check.sentence, passages[number])
    return quotes


def _quote(claim: str, source: Source) -> str:
    own = best_quote(claim, source.passage.chunk.text).text
    near = best_quote(claim, source.text).text
    terms = grams(claim)
    return near if containment(terms, grams(near)) > containment(terms, grams(own)) + FAR_BETTER else own
