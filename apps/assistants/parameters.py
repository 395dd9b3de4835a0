"""The sampling parameters of a model: their bounds, and what each does in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from ninja import Field, Schema


class Parameters(Schema):
    """What is None is not sent: the model's server decides."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    top_k: int | None = Field(default=None, ge=1, le=1000)
    max_tokens: int | None = Field(default=None, ge=1, le=131_072)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    seed: int | None = Field(default=None, ge=-(2**63), le=2**63 - 1)

    def chosen(self) -> dict[str, float | int]:
        return self.dict(exclude_none=True)


@dataclass(frozen=True, slots=True)
class Explained:
    """One parameter for a form: its label, what it does, and its bounds."""

    name: str
    label: str
    help: str
    least: str
    most: str
    step: str


def explained() -> list[Explained]:
    return [
        Explained(
            "temperature",
            _("Temperature"),
            _("How freely words are chosen: 0 always takes the likeliest, higher values vary more; 0.2 suits answers from documents."),
            "0", "2", "0.1",
        ),
        Explained(
            "top_p",
            _("Top-p"),
            _("Only the likeliest words that together reach this probability are considered; 1 leaves all in. Change this or the temperature, not both."),
            "0", "1", "0.05",
        ),
        Explained(
            "top_k",
            _("Top-k"),
            _("Only this many of the likeliest words are considered at each step. Not every model's server knows it."),
            "1", "1000", "1",
        ),
        Explained(
            "max_tokens",
            _("Longest answer"),
            _("The answer ends after this many tokens (a Chinese character is about one), even within a sentence."),
            "1", "131072", "1",
        ),
        Explained(
            "presence_penalty",
            _("Presence penalty"),
            _("Above 0, words that have appeared at all are avoided, so that new topics come up; below 0 the answer stays with them."),
            "-2", "2", "0.1",
        ),
        Explained(
            "frequency_penalty",
            _("Frequency penalty"),
            _("Above 0, a word is avoided the more the oftener it has appeared, against repetition; too much makes text stilted."),
            "-2", "2", "0.1",
        ),
        Explained(
            "seed",
            _("Seed"),
            _("The same number with the same question and settings gives, as far as the server can, the same answer."),
            "", "", "1",
        ),
    ]  # fmt: skip
