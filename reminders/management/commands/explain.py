"""`manage.py explain APPOINTMENT_ID --clinic SLUG [--language CODE]`: the decision trace of an appointment, as text.

For support and administrators: every rule, channel and route with every gate. No name, no address.
"""

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from appointments.models import Appointment
from clinics.clock import now
from clinics.models import Clinic
from clinics.scope import in_clinic
from reminders.pages.explanation import explained


class Command(BaseCommand):
    """Looks, and changes nothing."""

    help = "Explains what was, is and will be sent for an appointment, and why. Names no person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The fixed form of the command."""
        parser.add_argument("appointment", metavar="APPOINTMENT_ID", help="the number in the appointment's address")
        parser.add_argument("--clinic", required=True, metavar="SLUG", help="the clinic's name in its address")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            help="of the text; the clinic's by default",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """One clear line and exit code 1 where clinic or appointment does not exist."""
        clinic = Clinic.objects.filter(slug=options["clinic"]).first()
        if clinic is None:
            raise CommandError(f"there is no clinic {options['clinic']!r}")
        with in_clinic(clinic.pk), timezone.override(ZoneInfo(clinic.time_zone)):
            row = _find(options["appointment"])
            if row is None:
                raise CommandError(f"the clinic {clinic.slug} has no appointment {options['appointment']!r}")
            with translation.override(options["language"] or clinic.language):
                for line in explained(clinic, row, now()):
                    self.stdout.write(line)


def _find(wanted: str) -> Appointment | None:
    number = wanted if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None
    found: Appointment | None = Appointment.objects.filter(pk=number).first() if number else None
    return found
