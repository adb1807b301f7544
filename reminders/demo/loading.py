"""How do the demo clinics come into being? Once, over the same ways as a real clinic's data.

Their agendas pass the importer, their wordings the writer of wordings. Everything is loaded as of the demo's first
moment; only then is the clock moved there, so that loading takes nothing from the minutes before the first reminders.
Later starts load nothing: they only point the senders at the port on which the sandbox listens now.
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password

from appointments.importing.importer import import_agenda
from appointments.models import Appointment, AppointmentType, RemindedElsewhere
from clinics import clock
from clinics.models import Clinic, Location, Membership, Practitioner, User
from clinics.scope import in_clinic
from messaging.channels import Channel
from reminders.demo.agenda import fill_dates
from reminders.demo.clinics import DEMO_CLINICS, DemoClinic
from reminders.demo.moment import first_moment
from reminders.demo.rules import make_rules
from reminders.demo.senders import Sandbox, point_senders
from reminders.kinds import Kind
from reminders.models import Rule
from reminders.plan import bring_up_to_date
from reminders.wordings import NewWording, give_default_wordings, write_wording

AGENDAS = Path(__file__).parent / "agendas"
PASSWORD = "avisa-demo"


def load_demo(sandbox: Sandbox) -> bool:
    """Loads the demo clinics that are not there yet and points all of them at the sandbox. Whether it loaded any.

    A clinic is there when it has rules: one whose loading was interrupted has none and is loaded again.
    """
    moment = first_moment(clock.now())
    missing = [demo for demo in DEMO_CLINICS if not _is_loaded(demo)]
    password = make_password(PASSWORD) if missing else ""
    for demo in missing:
        clinic = _make_clinic(demo, password)
        with in_clinic(clinic.pk):
            point_senders(clinic, demo, sandbox)  # before the plan, whose gates look at it
            _fill_clinic(clinic, demo, moment)
    for demo in DEMO_CLINICS:
        clinic = Clinic.objects.get(slug=demo.slug)
        with in_clinic(clinic.pk):
            point_senders(clinic, demo, sandbox)
    if missing:
        clock.move_to(max(moment - clock.real_now(), clock.shift()))
    return bool(missing)


def log_ins() -> list[str]:
    """One line for each person of the demo: address, password, role, clinic."""
    return [
        f"{person.email}  {PASSWORD}  {person.role.value}  {demo.name} ({demo.slug})"
        for demo in DEMO_CLINICS
        for person in demo.people
    ]


def _is_loaded(demo: DemoClinic) -> bool:
    clinic = Clinic.objects.filter(slug=demo.slug).first()
    if clinic is None:
        return False
    with in_clinic(clinic.pk):
        return bool(Rule.objects.exists())


def _make_clinic(demo: DemoClinic, password: str) -> Clinic:
    """The rows that belong to no clinic. All demo users share a password, and so may share its slow hash."""
    clinic, _ = Clinic.objects.update_or_create(
        slug=demo.slug,
        defaults={
            "name": demo.name,
            "country": demo.country,
            "region": demo.region,
            "time_zone": demo.time_zone,
            "language": demo.language,
            "phone": demo.phone,
            "test_mode": False,
            "channels_on": [Channel.EMAIL, Channel.SMS],
            "closed_weekdays": [6, 7],
        },
    )
    for person in demo.people:
        given = {"name": person.name, "language": demo.language, "password": password}
        user, _ = User.objects.update_or_create(email=person.email, defaults=given)
        Membership.objects.update_or_create(user=user, clinic=clinic, defaults={"role": person.role})
    clinic.refresh_from_db()  # quiet hours that came from the defaults are text until they are read
    return clinic


def _fill_clinic(clinic: Clinic, demo: DemoClinic, moment: datetime) -> None:
    """Everything inside the clinic, as of the demo's first moment; one transaction."""
    Location.objects.bulk_create(Location(clinic=clinic, name=name, address=where) for name, where in demo.locations)
    Practitioner.objects.bulk_create(
        Practitioner(clinic=clinic, name=name, phone=phone, hue=hue) for name, phone, hue in demo.practitioners
    )
    AppointmentType.objects.bulk_create(
        AppointmentType(clinic=clinic, name=name, minutes=minutes) for name, minutes in demo.types
    )
    give_default_wordings(clinic, moment)
    own = NewWording(Kind.REMINDER, Channel.EMAIL, demo.language, *demo.reminder)
    write_wording(clinic, own, None, moment)
    make_rules(clinic, demo, moment)
    template = (AGENDAS / f"{demo.slug}.csv").read_text(encoding="utf-8")
    import_agenda(clinic, fill_dates(template, moment, demo.time_zone).encode(), moment)
    _mark_by_hand(clinic, demo, moment)
    bring_up_to_date(clinic, list(Appointment.objects.values_list("pk", flat=True)), moment)


def _mark_by_hand(clinic: Clinic, demo: DemoClinic, moment: datetime) -> None:
    receptionist = User.objects.get(email=demo.people[0].email)
    RemindedElsewhere.objects.bulk_create(
        RemindedElsewhere(
            clinic=clinic,
            appointment=appointment,
            occurrence=appointment.occurrence,
            how=RemindedElsewhere.How.PHONE,
            note=demo.mark_note,
            marked_by=receptionist,
            marked_at=moment - timedelta(hours=2),
        )
        for appointment in Appointment.objects.filter(ref__in=demo.marked)
    )
