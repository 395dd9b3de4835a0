"""What the last examination found: each invariant in words, with its state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from django.conf import settings
from django.utils.translation import gettext as _

from apps.cabinets.doctor.jobs import KIND
from apps.core.models import Job

State = Literal["holds", "found", "mended", "unknown"]
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Invariant:
    """`findings` are at most ten of the `count` things that were wrong, as the doctor wrote them:
    {invariant, subject, detail, mended}."""

    code: str
    title: str
    meaning: str
    state: State
    count: int = 0
    mended: int = 0
    findings: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Examination:
    """`last` is the newest that was finished, `running` the one that waits or is being made; `broken` says
    that a later one did not come to its end."""

    last: Job | None
    running: Job | None
    invariants: list[Invariant]
    broken: bool = False

    @property
    def healthy(self) -> bool:
        return bool(self.last) and not any(one.state == "found" for one in self.invariants)


def examination_state() -> Examination:
    jobs = Job.objects.filter(kind=KIND).select_related("owner").order_by("-created_at")
    last = jobs.filter(state=Job.State.SUCCEEDED).first()
    running = jobs.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).first()
    newest = jobs.first()
    return Examination(
        last,
        running,
        [_invariant(code, last) for code in settings.DOCTOR_CHECKS],
        broken=newest is not None and newest.state == Job.State.FAILED,
    )


def _invariant(code: str, last: Job | None) -> Invariant:
    title, meaning = invariant_words().get(code, (code, ""))
    if last is None or code not in last.result.get("checked", []):
        return Invariant(code, title, meaning, "unknown")
    found = [finding for finding in last.result.get("findings", []) if finding["invariant"] == code]
    mended = sum(bool(finding["mended"]) for finding in found)
    state: State = "holds" if not found else "mended" if mended == len(found) else "found"
    return Invariant(code, title, meaning, state, len(found), mended, found[:MOST_SHOWN])


def invariant_words() -> dict[str, tuple[str, str]]:
    """For each invariant: what holds, and what would be wrong."""
    return {
        "I1": (
            _("Passages and index agree"),
            _("every passage that is served can be found, and nothing else is"),
        ),
        "I2": (_("Nothing is left over in the index"), _("deleted and replaced texts are gone from it")),
        "I3": (
            _("Entries of the index are in their place"),
            _("each belongs to the cabinet and folder of its document"),
        ),
        "I4": (_("Nobody finds what is not theirs"), _("a sample of people and searches against the rights")),
        "I5": (_("No document is stuck"), _("whatever waits or is read has somebody who works on it")),
        "I6": (_("Originals are unchanged"), _("every file is what was uploaded, byte for byte")),
        "I7": (_("No file is missing or left over"), _("files and entries name each other")),
        "I8": (_("One text of each document is served"), _("never two, never a mixture")),
        "I9": (_("Nothing was done twice"), _("no document, version or receipt is doubled")),
        "I10": (_("No answer hangs"), _("each one has ended or is being written now")),
        "I11": (_("The audit trail is whole"), _("what was done is on record, in order")),
        "I13": (_("Attachments have a conversation"), _("what was attached goes with its conversation")),
        "I14": (_("Nothing is granted by accident"), _("where a right holds is what the folders say")),
    }
