"""How good proofreading is, on pairs of a wrong and a right sentence (the same twice where nothing is wrong)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import process_time

from apps.office.proofreading.types import Finding

Reader = Callable[[str], Sequence[Finding]]


@dataclass(slots=True)
class Score:
    """Counts of sentences. A sentence is right only as a whole; `edits` are those in clean sentences; `seconds` of the
    processor, so that other work on the machine does not count."""

    wrong: int = 0
    clean: int = 0
    changed: int = 0
    right: int = 0
    clean_changed: int = 0
    clean_edits: int = 0
    clean_characters: int = 0
    characters: int = 0
    seconds: float = 0.0

    @property
    def precision(self) -> float:
        return self.right / self.changed if self.changed else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.wrong if self.wrong else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def clean_share(self) -> float:
        return self.clean_changed / self.clean if self.clean else 0.0

    @property
    def false_edits(self) -> float:
        """In 1,000 clean characters."""
        return 1000 * self.clean_edits / self.clean_characters if self.clean_characters else 0.0

    @property
    def speed(self) -> float:
        return self.characters / self.seconds if self.seconds else 0.0


def corrected(text: str, findings: Iterable[Finding]) -> tuple[str, int]:
    """The text with the first suggestion of each finding that asserts or guesses one (no hints of rules), and
    how many were taken. Of overlapping ones the surest counts."""
    usable = [
        one
        for one in findings
        if one.suggestions
        and one.operation != "flag"
        and (one.severity != "info" or "statistics" in one.engines)
    ]
    taken: list[Finding] = []
    for one in sorted(usable, key=lambda one: -one.confidence):
        if all(one.end <= other.offset or other.end <= one.offset for other in taken):
            taken.append(one)
    for one in sorted(taken, key=lambda one: -one.offset):
        text = text[: one.offset] + one.suggestions[0].value + text[one.end :]
    return text, len(taken)


def measure(pairs: Iterable[tuple[str, str]], read: Reader) -> Score:
    score = Score()
    for wrong, right in pairs:
        begun = process_time()
        findings = read(wrong)
        score.seconds += process_time() - begun
        score.characters += len(wrong)
        fixed, edits = corrected(wrong, findings)
        changed = fixed != wrong
        if wrong == right:
            score.clean += 1
            score.clean_changed += changed
            score.clean_edits += edits
            score.clean_characters += len(wrong)
        else:
            score.wrong += 1
        score.changed += changed
        score.right += changed and fixed == right
    return score


def false_alarm_curve(
    sentences: Sequence[str], find: Callable[[str, float], Sequence[Finding]]
) -> list[dict[str, float]]:
    """[{gain, share}] from 7 to 18 nats: the share of clean sentences with a guess at or above each.
    `find` is asked once a sentence, at the lowest gain; confidence grows with the gain, so counting suffices."""
    gains = [7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 16.0, 18.0]
    hit = [0] * len(gains)
    for sentence in sentences:
        for place, gain in enumerate(gains):
            if not find(sentence, gain):
                break
            hit[place] += 1
    total = max(1, len(sentences))
    return [{"gain": gain, "share": round(count / total, 5)} for gain, count in zip(gains, hit, strict=True)]
