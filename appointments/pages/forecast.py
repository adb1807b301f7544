"""What will the patient receive for this appointment, and what has he received? For the questions that a page asks
before it stops something."""

from datetime import datetime

from appointments.models import Appointment
from clinics.models import Clinic
from reminders.pages.answers import Shown, shown_for
from reminders.pages.mending import Reader


def outcomes(clinic: Clinic, row: Appointment, now: datetime) -> list[Shown]:
    """Every message of the appointment, those of its present time first, by moment. Inside `in_clinic`."""
    messages = [one for one in shown_for(clinic, [row], now, Reader())[row.pk] if not one.aside]
    return sorted(messages, key=lambda one: not one.present)
