"""`manage.py load_demo --smtp HOST:PORT`: the demo clinics, on the first start; every start prints the log-ins."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reminders.demo.loading import load_demo, log_ins
from reminders.demo.senders import SANDBOX_HOST, Sandbox


class Command(BaseCommand):
    """Loads what is missing, points the demo's senders at the sandbox, prints one line for each person."""

    help = "Loads the demo clinics once; later calls only point their senders at the sandbox's present port."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the sandbox's mail server listens."""
        parser.add_argument("--smtp", required=True, metavar="HOST:PORT")

    def handle(self, *args: Any, **options: Any) -> None:
        """The sandbox's password comes by the environment: a command line is visible to every user."""
        host, _, port = options["smtp"].rpartition(":")
        if host != SANDBOX_HOST or not port.isascii() or not port.isdigit():
            raise CommandError(f"--smtp needs {SANDBOX_HOST}:PORT, not {options['smtp']!r}")
        password = os.environ.get("SANDBOX_SMTP_PASSWORD", "")
        if not password:
            raise CommandError("SANDBOX_SMTP_PASSWORD is not set")
        load_demo(Sandbox(int(port), password))
        for line in log_ins():
            self.stdout.write(line)
