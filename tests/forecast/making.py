"""How is the product's clinic made? With everything that a reminder needs but patients, rules and wordings."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from appointments.models import AppointmentType
from clinics.models import Clinic, Location, Practitioner, User
from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.models import Sender
from reminders.lanes import Lanes
from reminders.models import Template, TemplateVersion
from tests.forecast.product import LANGUAGE, Product
from tests.forecast.texts import words_of

SLUG, COUNTRY, ZONE = "clinica-modelo", "ES", "Europe/Madrid"
ACCOUNT = "AC" + "0123456789abcdef" * 2


def make_product(user: User, lanes: Lanes, smtp_port: int) -> Product:
    """An empty database, then one clinic with two practitioners (one has a phone), two places (one in another zone),
    two types, senders for e-mail and SMS, and no patient, rule or wording."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE clinics_clinic CASCADE")
    clinic = Clinic.objects.create(
        slug=SLUG, name="Clínica Modelo", country=COUNTRY, time_zone=ZONE, language=LANGUAGE, phone="+34910000000",
        test_mode=False, channels_on=["email", "sms"], public_holidays=False,
    )  # fmt: skip
    with in_clinic(clinic.pk):
        _make_senders(clinic, smtp_port)
        people = [
            Practitioner.objects.create(clinic=clinic, name="Dra. Ana Ruiz", phone="+34910000001"),
            Practitioner.objects.create(clinic=clinic, name="Dr. Luis Gil"),
        ]
        places = [
            Location.objects.create(clinic=clinic, name="Centro"),
            Location.objects.create(clinic=clinic, name="Las Palmas", time_zone="Atlantic/Canary"),
        ]
        types = [AppointmentType.objects.create(clinic=clinic, name=name) for name in ("Revisión", "Limpieza")]
    return Product(
        clinic.pk, user, lanes, [one.pk for one in people], [one.pk for one in places], [one.pk for one in types]
    )


def make_wordings(product: Product, wanted: Iterable[tuple[str, str]], now: datetime) -> None:
    """First wordings without the practitioner's phone for these kinds and channels, all at once: each sequence begins
    with them."""
    with product.scope() as clinic:
        templates = [
            Template(clinic=clinic, kind=kind, channel=channel, language=LANGUAGE, version=1)
            for kind, channel in wanted
        ]
        versions = []
        for one in Template.objects.bulk_create(templates):
            subject, body = words_of(one.kind, one.channel, with_phone=False)
            version = TemplateVersion(clinic=clinic, template=one, version=1, written_at=now, written_by=product.user)
            version.subject, version.body = subject, f"{body}\n"
            versions.append(version)
        TemplateVersion.objects.bulk_create(versions)


def _make_senders(clinic: Clinic, smtp_port: int) -> None:
    mail = {"provider": "smtp", "address": f"citas@{SLUG}.example", "host": "localhost", "port": smtp_port}
    for channel, fields, username in (
        (Channel.EMAIL, mail, f"citas@{SLUG}.example"),
        (Channel.SMS, {"provider": "twilio", "address": "Clinica"}, ACCOUNT),
    ):
        sender = Sender.objects.create(clinic=clinic, channel=channel, username=username, **fields)
        sender.set_secret("secreto")
        sender.save()
