"""How do the demo clinics appear, and over which accounts? The sandbox's, wherever it listens at this start."""

import hashlib
from dataclasses import dataclass

from clinics.models import Clinic
from messaging.channels import Channel
from messaging.models import Sender
from messaging.secrets import Unreadable
from reminders.demo.clinics import DemoClinic

#: The sandbox listens nowhere else; a sender that points elsewhere was set by a person and is left alone.
SANDBOX_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Sandbox:
    """Where the demo's mail goes; `password` is every account's, for SMS too."""

    port: int
    password: str


def point_senders(clinic: Clinic, demo: DemoClinic, sandbox: Sandbox) -> None:
    """The clinic's accounts are the sandbox's, where it is and with its password. Inside `in_clinic`."""
    _point_mail(clinic, demo, sandbox)
    _point_sms(clinic, demo, sandbox)


def _point_mail(clinic: Clinic, demo: DemoClinic, sandbox: Sandbox) -> None:
    sender, _ = Sender.objects.get_or_create(
        clinic=clinic,
        channel=Channel.EMAIL,
        active=True,
        defaults={
            "provider": "smtp",
            "address": demo.address,
            "display_name": demo.name,
            "host": SANDBOX_HOST,
            "port": sandbox.port,
            "username": demo.address,
        },
    )
    if sender.host != SANDBOX_HOST or (sender.port, _secret(sender)) == (sandbox.port, sandbox.password):
        return
    sender.port = sandbox.port
    sender.set_secret(sandbox.password)
    sender.save(update_fields=["port", "sealed_secret"])


def _point_sms(clinic: Clinic, demo: DemoClinic, sandbox: Sandbox) -> None:
    # The form of an Account SID; the sandbox takes any.
    account = f"AC{hashlib.sha256(demo.slug.encode()).hexdigest()[:32]}"
    sender, _ = Sender.objects.get_or_create(
        clinic=clinic,
        channel=Channel.SMS,
        active=True,
        defaults={"provider": "twilio", "address": demo.sms_name, "username": account},
    )
    if sender.username == account and _secret(sender) != sandbox.password:
        sender.set_secret(sandbox.password)
        sender.save(update_fields=["sealed_secret"])


def _secret(sender: Sender) -> str | None:
    try:
        return sender.secret()
    except Unreadable:  # sealed with keys of a former start: it is set anew
        return None
