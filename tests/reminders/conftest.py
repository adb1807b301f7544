"""What the tests of the drain stand on: lanes, and a clinic whose sender reaches the test's mail server."""

from collections.abc import Iterator
from typing import Any

import pytest

from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.models import Sender
from messaging.providers import twilio as module
from patients.models import LineType, Phone
from reminders.kinds import Kind
from reminders.lanes import Lanes
from reminders.models import Template, TemplateVersion
from sandbox.server import Sandbox
from tests.reminders.sending import open_at_all_hours
from tests.world import NOW, World, make_world

SID = "AC" + "0123456789abcdef" * 2
NUMBER = "+34600123456"


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes(threads=4, lease_seconds=60)
    yield made
    made.close()


@pytest.fixture
def live(settings: Any, mail_server: Sandbox) -> World:
    """A clinic whose sender reaches the test's mail server, open at all hours so that the real clock may be any."""
    mail_server.faults.clear()
    settings.SMTP_CA_FILE = str(mail_server.ca_file)
    settings.MESSAGING_ALLOWED_PRIVATE_TARGETS = [f"127.0.0.1:{mail_server.smtp_port}"]
    settings.SMTP_TIMEOUT_SECONDS = 2
    return open_at_all_hours(make_world("clinica-en-vivo", smtp_port=mail_server.smtp_port))


@pytest.fixture
def texting(live: World, settings: Any, mail_server: Sandbox, live_server: Any) -> Iterator[World]:
    """The clinic reminds by SMS over the sandbox, which calls back to a running web server."""
    settings.TWILIO_BASE_URL = f"http://127.0.0.1:{mail_server.http_port}"
    settings.BASE_URL = live_server.url
    module._http.cache_clear()
    mail_server.forget()
    live.clinic.channels_on = ["sms"]
    live.clinic.save()
    with in_clinic(live.clinic.pk):
        live.rule.channel = Channel.SMS
        live.rule.save()
        live.patient.consent_sms = True
        live.patient.save()
        sender = Sender.objects.create(
            clinic=live.clinic, channel=Channel.SMS, provider="twilio", address="Clinica", username=SID
        )
        sender.set_secret("secreto")
        sender.save()
        Phone.objects.create(
            clinic=live.clinic, patient=live.patient, position=1, as_typed="600 123 456", e164=NUMBER,
            line_type=LineType.MOBILE, use_for_reminders=True,
        )  # fmt: skip
        template = Template.objects.create(
            clinic=live.clinic, kind=Kind.REMINDER, channel=Channel.SMS, language="es", version=1
        )
        TemplateVersion.objects.create(
            clinic=live.clinic, template=template, version=1, body="[CLIENTFIRSTNAME]: [APPOINTMENT]", written_at=NOW
        )
    yield live
    mail_server.faults.clear()
    module._http.cache_clear()
