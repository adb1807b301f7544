"""Who is there, in campaigns that strike at some messages in one way and at others in another? Groups of reminders.

Runs as a program with the stack's environment, as the app role: `python -m tests.faults.crowd GROUP…`, each group as
"number:channel:clinics:reminders". A group has clinics, and so accounts, of its own; its number stands in their slugs,
accounts and addresses, so that a fault can name a group.
"""

import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.world import World

EMAIL, SMS = "email", "sms"
_NAME = "Clara"


@dataclass(frozen=True)
class Group:
    """So many reminders over one channel, spread evenly over so many clinics; all are due now."""

    number: int
    channel: str
    clinics: int
    reminders: int

    @property
    def word(self) -> str:
        """As the program is given it."""
        return f"{self.number}:{self.channel}:{self.clinics}:{self.reminders}"

    @property
    def slugs(self) -> str:
        """Which clinics are its own, as a pattern."""
        return f"g{self.number:02d}c*"

    @property
    def recipients(self) -> str:
        """Whom it writes to, as a glob."""
        return f"+3467{self.number:02d}*" if self.channel == SMS else f"*@g{self.number:02d}c*"

    @property
    def accounts(self) -> str:
        """The mail accounts from which it is written, as a glob."""
        return f"citas@g{self.number:02d}c*"

    def address(self, at: int, slug: str) -> str:
        """Of its reminder number `at`; unique among all groups."""
        return f"+3467{self.number:02d}{at:05d}" if self.channel == SMS else f"p{at:05d}@{slug}.example"


def read(word: str) -> Group:
    """A group by its word."""
    number, channel, clinics, reminders = word.split(":")
    return Group(int(number), channel, int(clinics), int(reminders))


def main(groups: list[Group]) -> None:
    """Writes the clinics, patients and appointments of these groups; the plan is left to the drain."""
    from clinics.clock import now

    moment = now()
    for group in groups:
        for index in range(group.clinics):
            _fill(group, index, moment)


def _fill(group: Group, index: int, moment: datetime) -> None:
    from clinics.scope import in_clinic
    from reminders.kinds import LatePolicy
    from tests.world import make_world

    host, port = os.environ["SANDBOX_SMTP"].split(":")
    world = make_world(f"g{group.number:02d}c{index:04d}", smtp_port=int(port))
    world.clinic.quiet_until = world.clinic.quiet_from  # a campaign passes at any hour
    world.clinic.channels_on = [group.channel]
    world.clinic.save()
    with in_clinic(world.clinic.pk):
        world.sender.host = host
        world.sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
        world.sender.save()
        world.rule.late_policy, world.rule.channel = LatePolicy.SEND_NOW, group.channel
        world.rule.save()
        if group.channel == SMS:
            _texting(world, f"AC{group.number * 10_000 + index:032x}")
        for at in range(index, group.reminders, group.clinics):
            _book(world, group, at, moment)


def _texting(world: "World", account: str) -> None:
    from messaging.channels import Channel
    from messaging.models import Sender
    from reminders.kinds import Kind
    from reminders.wordings import NewWording, write_wording

    words = NewWording(Kind.REMINDER, Channel.SMS, "es", "", "[CLIENTFIRSTNAME]: [APPOINTMENT]. [CLINIC]")
    write_wording(world.clinic, words, None, datetime.now().astimezone())
    sender = Sender.objects.create(
        clinic=world.clinic, channel=Channel.SMS, provider="twilio", address="Clinica", username=account
    )
    sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
    sender.save()


def _book(world: "World", group: Group, at: int, moment: datetime) -> None:
    from patients.models import LineType, Phone

    address, texted = group.address(at, world.clinic.slug), group.channel == SMS
    patient = world.another_patient(
        first_name=_NAME, email="" if texted else address, consent_sms=texted, preferred_channel=group.channel
    )
    if texted:
        Phone.objects.create(
            clinic=world.clinic, patient=patient, position=1, as_typed=address, e164=address,
            line_type=LineType.MOBILE, use_for_reminders=True,
        )  # fmt: skip
    known_since = moment - timedelta(days=7)
    start = moment + timedelta(hours=24) - timedelta(seconds=60 + at % 600)
    world.appointment(start, patient=patient, booked_at=known_since, start_set_at=known_since)


if __name__ == "__main__":
    import django

    django.setup()
    main([read(word) for word in sys.argv[1:]])
