from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.cabinets.services.demo import demo_load


class Command(BaseCommand):
    help = "Load the demo cabinet, once."

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(is_superuser=True, is_active=True).order_by("date_joined").first()
        if owner is None:
            raise CommandError("There is no administrator yet; run first_run.")
        cabinet = demo_load(by=owner)
        self.stdout.write(f"loaded: {cabinet}" if cabinet else "the demo cabinet is or was there already")
