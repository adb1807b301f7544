"""A clinic with a row in every table that belongs to a clinic; and which tables those are, as the database says."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey
from model_bakery import baker

from appointments.models import Block, ChannelFlag, RemindedElsewhere
from clinics.models import Submission
from clinics.owned import ClinicOwned
from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.delivery import Draft, begin
from messaging.outcomes import AttemptState, Purpose
from messaging.providers import Report
from messaging.receipts import store
from patients.models import ConsentEvent, Phone
from reminders.models import Reminder
from tests.world import NOW, World, make_world

#: Carries a clinic_id and has no row-level security: log-in asks it before any clinic is known.
OPEN_TABLES = {"clinics_membership"}


def owned_models() -> list[type[ClinicOwned]]:
    """Every model of a row that belongs to a clinic."""
    return [model for model in apps.get_models() if issubclass(model, ClinicOwned)]


def tenant_tables() -> list[str]:
    """Every table with a clinic_id, as pg_class says, apart from the open ones."""
    found = rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'clinic_id' "
        "AND NOT a.attisdropped ORDER BY 1"
    )
    return [name for (name,) in found if name not in OPEN_TABLES]


def rows(sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """What a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def make_full_world(slug: str) -> World:
    """A clinic with at least one row in every tenant table."""
    world = make_world(slug)
    clinic = world.clinic
    with in_clinic(clinic.pk):
        appointment = world.appointment()
        ChannelFlag.objects.create(clinic=clinic, appointment=appointment, channel="sms", wanted=False)
        RemindedElsewhere.objects.create(
            clinic=clinic, appointment=appointment, occurrence=1, how="phone", marked_at=NOW
        )
        Block.objects.create(
            clinic=clinic, practitioner=world.practitioner, location=world.location, start=NOW,
            end=NOW + timedelta(hours=1),
        )  # fmt: skip
        Submission.objects.create(clinic=clinic, token=uuid4(), sent_at=NOW)
        Phone.objects.create(clinic=clinic, patient=world.patient, position=1, as_typed="+34 600")
        ConsentEvent.objects.create(
            clinic=clinic, patient=world.patient, subject="email", given=True, at=NOW, how="page"
        )
        draft = Draft(None, Channel.EMAIL, Purpose.TEST, "a@b.example", NOW, "s", "t\n", "")
        [begun] = begin(clinic.pk, world.sender, [draft], NOW)
        Reminder.objects.create(
            clinic=clinic, appointment=appointment, rule=world.rule, trigger="o1", kind="reminder", channel="email",
            occurrence=1, planned_at=NOW, due_at=NOW, deadline=NOW, look_at=NOW, message_id=begun.message_id,
        )  # fmt: skip
        store(clinic.pk, begun.attempt_id, Report("event", AttemptState.ACCEPTED, "ref"))
        for model in owned_models():
            if not model.objects.exists():
                _some_row(model, world)
    return world


def _some_row(model: type[ClinicOwned], world: World) -> None:
    """A row of a table that nobody has named here yet, pointing to what the clinic has."""
    required = [field for field in model._meta.fields if isinstance(field, ForeignKey) and not field.null]
    own = [field for field in required if issubclass(field.related_model, ClinicOwned)]
    values: dict[str, Any] = {field.name: field.related_model._default_manager.first() for field in own}
    baker.make(model, clinic=world.clinic, **values)
