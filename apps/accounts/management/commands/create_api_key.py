from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.models import ApiKey, User
from apps.accounts.services import api_key_create
from apps.core.problems import Problem


class Command(BaseCommand):
    help = "Make an API key for a person and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, help="user name")
        parser.add_argument("--scopes", required=True, nargs="+", help=", ".join(ApiKey.Scope.values))
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person named {options['user']!r}.")
        scopes = [scope for part in options["scopes"] for scope in part.split(",") if scope]
        try:
            _key, secret = api_key_create(by=None, user=user, name=options["name"], scopes=scopes)
        except Problem as problem:
            raise CommandError(problem.detail) from None
        self.stdout.write(secret)
