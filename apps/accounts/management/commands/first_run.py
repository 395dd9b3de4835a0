from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts.first_run import administrator_ensure, setup_code


class Command(BaseCommand):
    help = "Make the first administrator if there is none; prints the password until it is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--page",
            action="store_true",
            help="print the code of the page /setup/ instead, where they are made",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["page"]:
            code = setup_code()
            self.stdout.write(f"/setup/?code={code}" if code else "(there is an administrator already)")
            return
        name, password = administrator_ensure()
        self.stdout.write(f"{name} {password}" if password else f"{name} (password already changed)")
