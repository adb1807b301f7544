"""Does an appointment overlap with something else of its practitioner? Told after saving; nothing is refused for it."""

from django.utils.translation import gettext as _

from appointments.models import Appointment, Block, Status
from clinics.pages.tags import clock_time

#: Visits that take no time any more.
_GONE = (Status.CANCELLED, Status.NO_SHOW)


def overlap_warning(row: Appointment) -> str:
    """A sentence with the first thing in the way; empty where there is none. Times in the page's zone."""
    if row.practitioner_id is None or row.deleted or row.status in _GONE:
        return ""
    meanwhile = {"practitioner": row.practitioner_id, "start__lt": row.end, "end__gt": row.start}
    others = Appointment.objects.filter(**meanwhile, deleted=False).exclude(pk=row.pk).exclude(status__in=_GONE)
    first = others.order_by("start").first()
    if first is not None:
        times = {"start": clock_time(first.start), "end": clock_time(first.end)}
        return _("The practitioner has another appointment at that time, %(start)s–%(end)s.") % times
    block = Block.objects.filter(**meanwhile).order_by("start").first()
    if block is None:
        return ""
    times = {"start": clock_time(block.start), "end": clock_time(block.end)}
    return _("The practitioner is not available at that time: blocked %(start)s–%(end)s.") % times
