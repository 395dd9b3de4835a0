from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.ldap import directory, runs, sync


class Command(BaseCommand):
    help = "Take people, departments and groups over from the directory (LDAP); who is gone there is deactivated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
        parser.add_argument("--force", action="store_true", help="also when many would be deactivated")

    def handle(self, *args: Any, **options: Any) -> None:
        if not directory.is_configured():
            raise CommandError("No directory is set up: LDAP_URL and LDAP_BASE are empty.")
        try:
            result = self._synchronised(dry_run=options["dry_run"], force=options["force"])
        except directory.DirectoryAway as error:
            raise CommandError(f"The directory cannot be asked: {error}") from None
        except sync.TooManyGone as error:
            raise CommandError(
                f"{error.gone} of {error.known} people would be deactivated. Look at LDAP_BASE and "
                "LDAP_PEOPLE_FILTER, or say --force."
            ) from None
        self.stdout.write(f"{result.seen} people in the directory, {result.made} new")
        for name in result.deactivated:
            self.stdout.write(f"deactivated: {name}")
        for reason in result.refused:
            self.stderr.write(f"not taken over: {reason}")

    def _synchronised(self, *, dry_run: bool, force: bool) -> sync.Result:
        if dry_run:
            return sync.synchronise(force=force, dry_run=True)
        runs.ask(by=None)  # or one that waits is done here and now
        run = runs.take()
        if run is None:
            raise CommandError("A synchronisation is running already.")
        return runs.perform(run, force=force)
