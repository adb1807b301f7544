"""A small clinic to test with: everything a reminder by e-mail needs, and nothing that stops it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from appointments.models import Appointment, AppointmentType
from clinics.models import Clinic, Location, Practitioner
from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.models import Sender
from patients.models import Patient
from reminders.kinds import Kind, TimingKind
from reminders.models import Rule, Template, TemplateVersion

#: A Wednesday morning in Madrid, in winter, far from every change of the clocks.
NOW = datetime(2027, 1, 13, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class World:
    """The rows of a test clinic."""

    clinic: Clinic
    practitioner: Practitioner
    location: Location
    type: AppointmentType
    patient: Patient
    rule: Rule
    sender: Sender

    def appointment(self, start: datetime = NOW + 2 * DAY, **fields: object) -> Appointment:
        """An appointment booked a week before NOW. Call inside `in_clinic`."""
        given = {
            "patient": self.patient, "practitioner": self.practitioner, "location": self.location, "type": self.type,
            "start": start, "end": start + timedelta(minutes=30), "booked_at": NOW - 7 * DAY,
            "start_set_at": NOW - 7 * DAY,
        }  # fmt: skip
        appointment: Appointment = Appointment.objects.create(clinic=self.clinic, **{**given, **fields})
        return appointment

    def another_patient(self, **fields: object) -> Patient:
        """A further patient who may be written to. Call inside `in_clinic`."""
        patient: Patient = Patient.objects.create(clinic=self.clinic, **{**PATIENT, **fields})
        return patient


#: A patient to whom everything may be sent.
PATIENT = {
    "first_name": "Lucía", "last_name": "Prueba", "email": "lucia@correo.example", "default_notifications": True,
    "consent_data_protection": True, "consent_email": True,
}  # fmt: skip


def make_world(slug: str, *, smtp_port: int = 2525) -> World:
    """A clinic, live, with a reminder 24 hours before by e-mail; open on holidays, so that tests pass on any day. Opens
    the clinic's scope itself."""
    clinic = Clinic.objects.create(
        slug=slug, name="Clínica Prueba", country="ES", time_zone="Europe/Madrid", language="es", phone="+34910000000",
        test_mode=False, channels_on=["email"], public_holidays=False,
    )  # fmt: skip
    with in_clinic(clinic.pk):
        sender = Sender.objects.create(
            clinic=clinic, channel=Channel.EMAIL, provider="smtp", address=f"citas@{slug}.example", host="localhost",
            port=smtp_port, username=f"citas@{slug}.example",
        )  # fmt: skip
        sender.set_secret("secreto")
        sender.save()
        template = Template.objects.create(
            clinic=clinic, kind=Kind.REMINDER, channel=Channel.EMAIL, language="es", version=1
        )
        TemplateVersion.objects.create(
            clinic=clinic, template=template, version=1, subject="Su cita: [APPOINTMENT]",
            body="Hola, [CLIENTFIRSTNAME]:\n\nLe esperamos el [APPOINTMENT].\n\n[CLINIC]", written_at=NOW,
        )  # fmt: skip
        return World(
            clinic=clinic,
            practitioner=Practitioner.objects.create(clinic=clinic, name="Dra. Ana Ruiz"),
            location=Location.objects.create(clinic=clinic, name="Centro"),
            type=AppointmentType.objects.create(clinic=clinic, name="Revisión"),
            patient=Patient.objects.create(clinic=clinic, **PATIENT),
            rule=Rule.objects.create(
                clinic=clinic, kind=Kind.REMINDER, timing=TimingKind.BEFORE_ELAPSED, amount=24 * 60,
                channel=Channel.EMAIL, statuses=["scheduled", "confirmed"],
            ),
            sender=sender,
        )  # fmt: skip
