"""Is every sentence translated into every language? For `run.py check`: exit code 1 and a line for each that is not."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.messages import LOCALES, extracted, problems, read


class Command(BaseCommand):
    """`manage.py check_messages`."""

    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Lists what is missing, unsure, stale or has other placeholders. Raises CommandError if anything is."""
        template = extracted(settings.BASE_DIR)
        found = [
            f"{locale}: {one}" for locale in LOCALES for one in problems(read(settings.BASE_DIR, locale), template)
        ]
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} translations are wanting")
        self.stdout.write(f"{len(template)} sentences, all translated")
