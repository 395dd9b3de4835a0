"""Train the statistical layer of proofreading from cabinets, or erase what was learned."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.cabinets.access import cabinets_for
from apps.core.problems import Problem
from apps.office.models import ProofreaderModel
from apps.office.training.building import model_erase, train_start
from apps.office.working import job_do


class Command(BaseCommand):
    help = "Train the proofreader from the documents of cabinets that are fit to learn from, here and now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cabinet", action="append", default=[], help="by name or slug; again for more")
        parser.add_argument("--all", action="store_true", help="every cabinet that is nobody's own")
        parser.add_argument("--user", help="an administrator; the first one without it")
        parser.add_argument("--erase", action="store_true", help="forget what was learned")

    def handle(self, *args: Any, **options: Any) -> None:
        people = User.objects.filter(is_superuser=True, is_active=True).order_by("date_joined", "pk")
        user = (people.filter(username=options["user"]) if options["user"] else people).first()
        if user is None:
            raise CommandError("There is no such administrator.")
        if options["erase"]:
            self.stdout.write(f"Erased {model_erase(by=user)} models.")
            return
        cabinets = self._cabinets(user, options)
        try:
            row = train_start(by=user, cabinets=cabinets)
        except Problem as problem:
            raise CommandError(str(problem.detail)) from None
        job_do(row.job.pk)  # type: ignore[union-attr]
        row = ProofreaderModel.objects.select_related("job").get(pk=row.pk)
        if not row.active:
            raise CommandError(f"The training failed: {row.job.error if row.job else ''}")
        self.stdout.write(
            f"{row.documents} documents, {row.characters:,} characters, fingerprint {row.fingerprint}"
        )
        for entry in row.curve:
            self.stdout.write(f"  gain {entry['gain']:>4}: {entry['share']:.2%} of clean sentences touched")

    def _cabinets(self, user: User, options: dict[str, Any]) -> list[Any]:
        live = cabinets_for(user)
        if options["all"]:
            return list(live)
        found = []
        for name in options["cabinet"]:
            cabinet = live.filter(slug=name).first() or live.filter(name=name).first()
            if cabinet is None:
                raise CommandError(f"There is no cabinet {name}.")
            found.append(cabinet)
        if not found:
            raise CommandError("Name the cabinets to learn from: --cabinet NAME, or --all.")
        return found
