"""Are the rules as quiet on a folder of good texts as they were calibrated to be?"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.problems import Problem
from apps.office.files.extracting import KINDS, extracted
from apps.office.proofreading.calibration import rates


class Command(BaseCommand):
    help = (
        "Count what each rule says in a folder of texts in which nothing is wrong (.docx, .txt, .md, .pdf), and compare "
        "with its calibrated rate in a million characters. Ends with 1 where a rule is louder than chance explains."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--all", action="store_true", help="show rules that keep to their rate, too")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["folder"].is_dir():
            raise CommandError(f"There is no folder {options['folder']}.")
        characters, found = rates(self._texts(options["folder"]))
        if not characters:
            raise CommandError("The folder has no text that can be read.")
        loud = [rate for rate in found if not rate.within]
        self.stdout.write(f"{characters:,} characters; {len(loud)} of {len(found)} rules are too loud")
        self.stdout.write(f"{'rule':<8}{'found':>7}{'at most':>9}{'a million':>11}{'calibrated':>12}")
        for rate in found if options["all"] else loud:
            calibrated = "—" if rate.calibrated is None else f"{rate.calibrated:.2f}"
            each = rate.count * 1_000_000 / characters
            row = f"{rate.rule_id:<8}{rate.count:>7}{rate.allowed:>9}{each:>11.2f}{calibrated:>12}"
            self.stdout.write(f"{row}  {' | '.join(rate.examples)}")
        if loud:
            raise CommandError("Louder than calibrated: " + ", ".join(rate.rule_id for rate in loud))

    def _texts(self, folder: Path) -> Iterator[str]:
        for path in sorted(folder.rglob("*")):
            kind = KINDS.get(path.suffix.lower())
            if kind is None or not path.is_file():
                continue
            try:
                yield extracted(path, kind)[0]
            except Problem as problem:
                self.stderr.write(f"{path.name}: {problem.detail}")
