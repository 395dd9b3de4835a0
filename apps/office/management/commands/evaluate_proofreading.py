"""Measure proofreading on sentences whose right form is known."""

from __future__ import annotations

from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.office.proofreading.engine import Options, make_draft, proofread
from apps.office.proofreading.measuring import Score, measure
from apps.office.proofreading.statistics.building import build
from apps.office.proofreading.statistics.corrector import NgramCorrector
from apps.office.proofreading.types import Finding
from apps.office.training.serving import corrector

LAYERS = {
    "rules": frozenset({"rules"}),
    "dictionary": frozenset({"dictionary"}),
    "statistics": frozenset({"statistics"}),
    "all": frozenset({"rules", "dictionary", "statistics"}),
}


class Command(BaseCommand):
    help = (
        "Measure proofreading on a file of lines “wrong TAB right” (the same twice for clean sentences): strict "
        "sentence precision, recall and F1, clean sentences changed, false edits, and speed, a layer a row."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--train", type=Path, help="a text file: measure a throw-away model of it")
        parser.add_argument("--most", type=int, default=10_000, help="sentences at most")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pairs = read_pairs(options["file"])[: options["most"]]
            text = options["train"].read_text("utf-8") if options["train"] else ""
        except (OSError, ValueError) as error:
            raise CommandError(f"The file cannot be read: {error}") from error
        with TemporaryDirectory() as folder:
            served = _trained(text, Path(folder)) if text else corrector()
            self._table(pairs, served)

    def _table(self, pairs: list[tuple[str, str]], served: Any) -> None:
        self.stdout.write(HEAD)
        for profile in ("precise", "balanced"):
            for name, engines in LAYERS.items():
                if "statistics" in engines and served is None and name == "statistics":
                    continue
                chosen = Options(profile, engines)
                score = measure(pairs, partial(_read, options=chosen, served=served))
                self.stdout.write(line(f"{name}, {profile}", score))


HEAD = (
    f"{'layer':<24}{'P':>7}{'R':>7}{'F1':>7}{'clean changed':>15}{'false edits/1000':>18}{'characters/s':>14}"
)


def line(name: str, score: Score) -> str:
    return (
        f"{name:<24}{score.precision:>7.3f}{score.recall:>7.3f}{score.f1:>7.3f}{score.clean_share:>15.2%}"
        f"{score.false_edits:>18.2f}{score.speed:>14,.0f}"
    )


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Raises ValueError with the number of a line that is no pair."""
    pairs = []
    for number, text in enumerate(path.read_text("utf-8-sig").splitlines(), start=1):
        if not text.strip():
            continue
        wrong, tab, right = text.partition("\t")
        if not tab:
            raise ValueError(f"line {number} has no tab")
        pairs.append((wrong, right.split("\t")[0]))
    return pairs


def _trained(text: str, folder: Path) -> NgramCorrector:
    return NgramCorrector.open(folder, fingerprint=build([text], folder), curve=[])


def _read(text: str, options: Options, served: Any) -> list[Finding]:
    return proofread(make_draft(text), options=options, corrector=served).findings
