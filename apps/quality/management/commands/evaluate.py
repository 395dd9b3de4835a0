"""Measure the search on questions with known answers, and compare with the last time."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.text import slugify

from apps.accounts.models import User
from apps.cabinets.models import Cabinet
from apps.quality.charts import bars
from apps.quality.evaluating import ask_cabinet, ask_folder, read_questions
from apps.rag.errors import RagError
from apps.rag.measuring import Outcome, by_language, figures

COLUMNS = ("recall_1", "recall_10", "mrr_10", "ndcg_10", "refusal_precision", "refusal_recall")
HEAD = ("recall@1", "recall@10", "MRR@10", "nDCG@10", "refusal precision", "refusal recall")


class Command(BaseCommand):
    help = (
        "Measure the search: a BEIR folder is read into a throw-away index; a file of golden questions is asked in a "
        "cabinet. Prints recall, MRR, nDCG and refusals by way of searching and by language, with the change since "
        "the last run, and writes a chart."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "questions", type=Path, help="a BEIR folder, or a JSON or JSON Lines file of questions"
        )
        parser.add_argument("--cabinet", help="the cabinet's name; needed for a file of questions")
        parser.add_argument("--user", help="whose rights count; the first administrator without it")
        parser.add_argument(
            "--svg", type=Path, help="where the chart goes; beside the kept figures without it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            measured = dict(self._runs(options))
            now = {
                run: {"all": asdict(figures(found))} | _languages(found) for run, found in measured.items()
            }
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"The questions cannot be read: {error}") from error
        except RagError as error:
            raise CommandError(f"The search failed: {error.detail}") from error
        name = slugify(f"{options['questions'].stem} {options['cabinet'] or ''}", allow_unicode=True)
        kept = Path(settings.DATA_DIR) / "evaluations" / f"{name}.json"
        last = json.loads(kept.read_text("utf-8"))["runs"] if kept.exists() else {}
        self._table(now, last)
        kept.parent.mkdir(parents=True, exist_ok=True)
        _write(
            kept, json.dumps({"at": timezone.now().isoformat(), "runs": now}, indent=1, ensure_ascii=False)
        )
        chart = options["svg"] or kept.with_suffix(".svg")
        _write(chart, bars(name, _drawn(now), before=_drawn(last)))
        self.stdout.write(f"kept in {kept}, chart in {chart}")

    def _runs(self, options: Mapping[str, Any]) -> Iterator[tuple[str, list[Outcome]]]:
        path: Path = options["questions"]
        if path.is_dir():
            return ask_folder(path)
        if not options["cabinet"]:
            raise CommandError("A file of questions is asked in a cabinet: name it with --cabinet.")
        cabinets = list(Cabinet.objects.filter(name=options["cabinet"])[:2])
        if len(cabinets) != 1:
            raise CommandError(f"There are {len(cabinets) or 'no'} cabinets named {options['cabinet']!r}.")
        user = _user(options["user"])
        return ask_cabinet(read_questions(path), cabinets[0], user=user)

    def _table(self, now: Mapping[str, Mapping[str, Any]], last: Mapping[str, Mapping[str, Any]]) -> None:
        self.stdout.write(f"| run | language | questions | {' | '.join(HEAD)} | median ms |")
        self.stdout.write("| --- " * (len(HEAD) + 4) + "|")
        for run, rows in now.items():
            for language, row in rows.items():
                if language != "all" and len(rows) == 2:
                    continue  # one language alone is all of them
                before = last.get(run, {}).get(language, {})
                cells = " | ".join(_cell(row[name], before.get(name)) for name in COLUMNS)
                asked = f"{row['questions']} + {row['unanswerable']}"
                self.stdout.write(f"| {run} | {language} | {asked} | {cells} | {row['median_ms']:.1f} |")


def _drawn(runs: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """What the chart shows of each run."""
    return {
        run: {title: rows["all"][key] for key, title in zip(COLUMNS[:4], HEAD, strict=False)}
        for run, rows in runs.items()
    }


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _languages(found: list[Outcome]) -> dict[str, Any]:
    return {language: asdict(row) for language, row in by_language(found).items()}


def _cell(value: float | None, before: float | None) -> str:
    """The figure, and its change where it is one."""
    if value is None:
        return "–"
    changed = before is not None and abs(value - before) >= 0.0005
    return f"{value:.3f}" + (f" ({value - (before or 0):+.3f})" if changed else "")


def _user(name: str | None) -> User:
    found = (
        User.objects.filter(username=name)
        if name
        else User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    )
    user = found.first()
    if user is None:
        raise CommandError(
            f"There is no user named {name!r}." if name else "There is no administrator yet: name a user."
        )
    return user
