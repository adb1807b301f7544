"""Has this form been sent before? One form makes one row, however often its button is pressed.

Every form that makes something carries a token of its own. Whoever sends it first claims the token; a second one,
also one that comes at the same moment, waits for the first and finds what that has made.
"""

from datetime import timedelta
from uuid import UUID

from django.db import connection

from clinics.clock import real_now
from clinics.models import Clinic, Submission

#: Real time for which a form that was sent is remembered: longer than a log-in lasts.
REMEMBERED = timedelta(days=2)
#: At most so many forgotten at a time.
_BATCH = 200


def claim(clinic: Clinic, token: UUID) -> bool:
    """Whether this is the form's first time; inside `in_clinic`. Waits while a twin is at work: should that fail, this
    one is the first."""
    sent_at = real_now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clinics_submission (clinic_id, token, sent_at) VALUES (%s, %s, %s) "
            "ON CONFLICT (clinic_id, token) DO NOTHING",
            [clinic.pk, token, sent_at],
        )
        first = bool(cursor.rowcount == 1)
    if first:
        old = Submission.objects.filter(sent_at__lt=sent_at - REMEMBERED).select_for_update(skip_locked=True)
        Submission.objects.filter(pk__in=[row.pk for row in old.order_by("pk")[:_BATCH]]).delete()
    return first


def remember(token: UUID, made: int) -> None:
    """Keeps the id of the row that the form has made; in the transaction that claimed the token."""
    Submission.objects.filter(token=token).update(made=made)


def made_by(token: UUID) -> int | None:
    """The id of the row that the form's first time has made; None where it made none."""
    found: int | None = Submission.objects.filter(token=token).values_list("made", flat=True).first()
    return found
