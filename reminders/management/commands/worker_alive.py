"""`manage.py worker_alive NAME`: does that worker take up rings? For the health check of its container."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from reminders import heartbeats

#: The exit codes: a mute worker is to be restarted; where nobody can tell, it is not its fault.
MUTE, CANNOT_TELL = 1, 2


class Command(BaseCommand):
    """Exit code 0: it took up a ring lately; 1: it did not; 2: the database does not answer."""

    help = "Exits with 0 when the worker took up a ring lately, 1 when it is mute, 2 when nobody can tell."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which worker."""
        parser.add_argument("name", metavar="NAME", help="as Celery knows it, for example celery@host")

    def handle(self, *args: Any, **options: Any) -> None:
        """Looks at the worker's heartbeat."""
        name = options["name"]
        try:
            age = heartbeats.ages().get(heartbeats.part_of_worker(name))
        except DatabaseError as error:
            raise CommandError(
                f"the database does not answer: {type(error).__name__}", returncode=CANNOT_TELL
            ) from error
        if age is None:
            raise CommandError(f"{name} has never taken up a ring", returncode=MUTE)
        if age > settings.WORKER_SILENT_SECONDS:
            raise CommandError(f"{name} has taken up no ring for {age:.0f} s", returncode=MUTE)
        self.stdout.write(f"{name} took up a ring {age:.0f} s ago")
