"""`manage.py import_agenda FILE --clinic SLUG [--dry-run]`: a clinic's own agenda, in.

Exit code 0 when rows went in (also when others were refused: the report names them), 1 when none did.
"""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, transaction

from appointments.importing.importer import import_agenda
from appointments.importing.progress import ProgressLine
from appointments.importing.reading import FileRefused, read_file
from clinics.clock import now
from clinics.models import Clinic
from clinics.scope import in_clinic


class Command(BaseCommand):
    """Reads the file, imports it in one transaction, prints the report."""

    help = "Imports patients and appointments from a CSV file and reports every refused row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The fixed form of the command."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--clinic", required=True, metavar="SLUG", help="the clinic's name in its address")
        parser.add_argument("--dry-run", action="store_true", help="report only; nothing is written")

    def handle(self, *args: Any, **options: Any) -> None:
        """One clear line and exit code 1 where the file as a whole is refused."""
        dry_run, began = bool(options["dry_run"]), time.monotonic()
        progress = ProgressLine(sys.stderr)
        try:
            clinic = Clinic.objects.filter(slug=options["clinic"]).first()
            if clinic is None:
                raise FileRefused(f"there is no clinic {options['clinic']!r}")
            content = read_file(options["file"])
            with in_clinic(clinic.pk):
                report = import_agenda(clinic, content, now(), progress=progress)
                if dry_run:
                    transaction.set_rollback(True)
        except FileRefused as refused:
            raise CommandError(f"{refused}. Nothing was changed.") from refused
        except OperationalError as error:  # no connection, a lock held for too long, a full disk
            raise CommandError(f"the database says: {str(error).splitlines()[0]}. Nothing was changed.") from error
        finally:
            progress.end()
        seconds = time.monotonic() - began
        note = " (dry run)" if dry_run else ""
        self.stdout.write(f"{options['file'].name} into {clinic.name}{note}: {seconds:.1f} s")
        for line in report.lines():
            self.stdout.write(line)
        if dry_run:
            self.stdout.write("Dry run: nothing was changed.")
        if report.taken == 0:
            raise CommandError("no row could be taken; nothing was changed")
