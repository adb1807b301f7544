"""How is an appointment explained as plain text? For `manage.py explain`: every answer with all its gates, and never a
name or an address, since terminals and their records are no place for health data."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from appointments.models import Appointment
from appointments.pages.day import marks_of
from clinics.models import Clinic
from clinics.pages.tags import moment
from reminders.pages.answers import Shown, shown_for
from reminders.pages.five_facts import five_facts
from reminders.pages.gate_list import GateRow, Seen
from reminders.pages.mending import Reader

_MARKS = {"yes": "✓", "no": "✗", "so": "✗", "wait": "…", "none": "–"}


def explained(clinic: Clinic, row: Appointment, now: datetime) -> Iterator[str]:
    """The lines, in the language and time zone that are active. Inside `in_clinic`; a fixed number of queries."""
    answers = shown_for(clinic, [row], now, Reader())[row.pk]
    head = {"id": row.pk, "start": moment(row.start), "status": row.get_status_display()}
    yield _("Appointment %(id)s, %(start)s, %(status)s") % head
    if row.deleted:
        yield _("This appointment is deleted: it stands in no list, and nothing is sent.")
    yield _("All times: %(zone)s. Now: %(now)s.") % {"zone": clinic.time_zone, "now": moment(now)}
    yield ""
    for fact in five_facts(answers, marks_of([row]).get(row.pk, ()), named=False):
        yield f"{fact.word}: {fact.note}"
    for number, one in enumerate(answers, start=1):
        yield ""
        yield from _answer(number, one)
    if not answers:
        yield ""
        yield _("The clinic has no rule.")


def _answer(number: int, one: Shown) -> Iterator[str]:
    parts = [one.step, str(one.chip.kind), str(one.chip.channel)]
    if not one.aside:
        parts.append(str(one.origin))
    if not one.present:
        parts.append(_("for a former time"))
    yield f"{number}. {' · '.join(dict.fromkeys(parts))}"
    state = f"{one.chip.word.word}: {one.chip.when}" if one.chip.when else str(one.chip.word.word)
    yield f"   {state}. {one.sentence} {one.advice}".rstrip()
    yield from _gates(one.gates.named, one.gates.past)
    yield from _gates(one.gates.rest, one.gates.past)


def _gates(rows: Sequence[GateRow], past: bool) -> Iterator[str]:
    """Each with its mark then, and in brackets that of now where it is of the past; who can mend what is closed."""
    for row in rows:
        now = f"[{_MARKS[row.now.mark]}] " if past and row.now else ""
        who = f" ({row.mend.who}: {row.mend.where})" if row.to_mend and row.mend.who and row.seen.mark != "so" else ""
        yield f"   {_MARKS[row.seen.mark]} {now}{row.code}: {row.sentence}{_value(row.seen)}{who}"
        if row.changed and row.now:
            yield f"     → {_('Now:')} {row.now_sentence}{_value(row.now)}"


def _value(seen: Seen) -> str:
    return f" [{seen.value}]" if seen.value else ""
