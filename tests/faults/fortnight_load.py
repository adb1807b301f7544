"""The three clinics of the test agenda, without their agendas: rules, wordings, accounts, hours.

Runs as a program with the stack's environment, as the app role: `python -m tests.faults.fortnight_load CHANNEL …`.
"""

import os
import sys
from typing import TYPE_CHECKING

from tests.data.clinics import CLINICS, QUIET_FROM, QUIET_UNTIL, AgendaClinic
from tests.faults.agenda_arrivals import WORDING, account
from tests.faults.eligibility import BY_MAIL, BY_SMS, EMAIL, STATUSES

if TYPE_CHECKING:
    from clinics.models import Clinic

STEPS = (BY_MAIL, BY_SMS)


def main(channels: list[str]) -> None:
    """Makes the clinics, each with the rules of these channels."""
    for given in CLINICS:
        _make(given, channels)


def _make(given: AgendaClinic, channels: list[str]) -> None:
    from clinics.models import Clinic
    from clinics.scope import in_clinic
    from reminders.models import Rule

    clinic = Clinic.objects.create(
        slug=given.slug, name=given.name, country=given.country, time_zone=given.time_zone, language=given.language,
        test_mode=False, channels_on=channels, quiet_from=QUIET_FROM, quiet_until=QUIET_UNTIL,
        closed_weekdays=list(given.closed_weekdays), public_holidays=False,
    )  # fmt: skip
    with in_clinic(clinic.pk):
        for step, late in zip(STEPS, given.late, strict=True):
            if step.channel in channels:
                _give_wording_and_sender(clinic, step.channel, given)
                Rule.objects.create(
                    clinic=clinic, kind="reminder", timing="before_elapsed", amount=step.lead.total_seconds() // 60,
                    channel=step.channel, statuses=list(STATUSES), late_policy=late,
                )  # fmt: skip


def _give_wording_and_sender(clinic: "Clinic", channel: str, given: AgendaClinic) -> None:
    from clinics.clock import now
    from messaging.channels import Channel
    from messaging.models import Sender
    from reminders.kinds import Kind
    from reminders.wordings import NewWording, write_wording

    subject = WORDING if channel == EMAIL else ""
    write_wording(clinic, NewWording(Kind.REMINDER, Channel(channel), given.language, subject, WORDING), None, now())
    username = account(given, channel)
    if channel == EMAIL:
        host, port = os.environ["SANDBOX_SMTP"].split(":")
        fields = {"provider": "smtp", "address": given.account, "host": host, "port": int(port)}
    else:
        fields = {"provider": "twilio", "address": given.slug}
    sender = Sender.objects.create(clinic=clinic, channel=channel, username=username, **fields)
    sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
    sender.save()


if __name__ == "__main__":
    import django

    django.setup()
    main(sys.argv[1:])
