"""What do staff say about an appointment's reminding? The one writer of ChannelFlag and RemindedElsewhere.

Neither changes the appointment or its plan: both are gates that the decision reads when a reminder is about to begin.
The appointment is locked first, as a reminder that begins locks it too: what is said before that counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appointments.models import Appointment, ChannelFlag, RemindedElsewhere
from clinics.models import Clinic, User
from clinics.plain_text import unsafe_character
from clinics.rows import lock_rows


def set_channel_flags(
    clinic: Clinic, appointment: Appointment, wanted: Mapping[str, bool], by: User, at: datetime
) -> int:
    """Says for each named channel whether reminders are wanted; inside `in_clinic`. What is so already (no row means
    wanted) keeps its who and when. Gives how many changed."""
    lock_rows(Appointment, [appointment.pk])
    flags = {flag.channel: flag for flag in ChannelFlag.objects.filter(appointment=appointment)}
    changed = 0
    for channel, wish in wanted.items():
        flag = flags.get(channel)
        if wish == (flag is None or flag.wanted):
            continue
        flag = flag or ChannelFlag(clinic=clinic, appointment=appointment, channel=channel)
        flag.wanted, flag.set_by, flag.set_at = wish, by, at
        flag.save()
        changed += 1
    return changed


@dataclass(frozen=True)
class Mark:
    """That staff reminded the patient outside the product: over which channel's place ("" for all), how, and a note."""

    channel: str
    how: str
    note: str = ""


def mark_reminded(clinic: Clinic, appointment: Appointment, mark: Mark, by: User, at: datetime) -> bool:
    """Marks the present occurrence; inside `in_clinic`. False where it is marked so already. Raises ValueError for a
    note that is not plain text."""
    if found := unsafe_character(mark.note):
        raise ValueError(f"the note holds the character {found}")
    present = lock_rows(Appointment, [appointment.pk])[appointment.pk]
    _row, made = RemindedElsewhere.objects.get_or_create(
        clinic=clinic,
        appointment=present,
        occurrence=present.occurrence,
        channel=mark.channel,
        defaults={"how": mark.how, "note": mark.note, "marked_by": by, "marked_at": at},
    )
    return bool(made)


def take_mark_back(appointment: Appointment, mark_id: int) -> bool:
    """Takes a mark of this appointment back: what still waits may go again. False where it is not there."""
    lock_rows(Appointment, [appointment.pk])
    gone, _ = RemindedElsewhere.objects.filter(appointment=appointment, pk=mark_id).delete()
    return gone > 0
