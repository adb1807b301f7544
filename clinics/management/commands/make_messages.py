"""Brings the catalogues of translations to what code and templates say; new sentences come in untranslated."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.messages import LOCALES, extracted, merge, problems, read, write


class Command(BaseCommand):
    """`manage.py make_messages`: safe to repeat; a second run changes nothing."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Merges and writes each locale, and says how many sentences wait for a translator."""
        template = extracted(settings.BASE_DIR)
        for locale in LOCALES:
            catalogue = read(settings.BASE_DIR, locale)
            merge(catalogue, template)
            write(settings.BASE_DIR, locale, catalogue)
            self.stdout.write(f"{locale}: {len(catalogue)} sentences, {len(problems(catalogue, template))} to do")
