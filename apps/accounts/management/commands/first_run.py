from typing import Any

from django.core.management.base import BaseCommand

from apps.accounts.first_run import administrator_ensure


class Command(BaseCommand):
    help = "Make the first administrator if there is none; prints the password until it is changed."

    def handle(self, *args: Any, **options: Any) -> None:
        name, password = administrator_ensure()
        self.stdout.write(f"{name} {password}" if password else f"{name} (password already changed)")
