"""What does a change do, asked between Save and saved? One page for every form whose change touches reminders.

A view asks `ask_first` before it writes; where there is an answer it gives it back. What was typed travels in hidden
fields, so "Apply" sends the form once more and "Back to the form" shows it as it was. Passwords never travel.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.models import Appointment
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.settings_page import with_frame
from clinics.pages.tags import number
from clinics.roles import AGENDA_EDIT, may
from messaging.channels import Channel
from patients.pages.words import full_name
from reminders.effect import Effect, EffectRow, Listed, effect_of
from reminders.kinds import Kind
from reminders.pages.words import CHANNEL, CHANNEL_ICON, KIND

#: The names of the question's buttons; no field of a form is called so.
APPLY, BACK = "apply", "back"
_NOT_KEPT = frozenset({"csrfmiddlewaretoken", APPLY, BACK})
#: What no page ever shows again, should a form with such a field come here.
_NEVER_KEPT = ("password", "secret")


@dataclass(frozen=True)
class Line:
    """A reminder that the change touches, in words."""

    row: EffectRow
    patient: str
    start: datetime
    kind: str | Promise
    icon: str
    channel: str | Promise
    former_channel: str | Promise


@dataclass(frozen=True)
class Group:
    """One list of the question."""

    title: str
    note: str
    #: How many there are; perhaps more than lines.
    count: int
    lines: Sequence[Line]
    #: Whether the reader may send each of them now.
    may_send: bool

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.lines)


def came_back(request: HttpRequest) -> bool:
    """Whether the person chose "Back to the form": it is shown as typed, and nothing is written."""
    return request.method == "POST" and BACK in request.POST


def ask_first(request: HttpRequest, part: str, change: Callable[[], object], now: datetime) -> HttpResponse | None:
    """The page that says what `change` would do; None where it shall be made, as it was agreed to or touches nothing.
    `part` is the entry of the settings' menu. Inside `in_clinic`; raises what the change raises."""
    if APPLY in request.POST:
        return None
    effect = effect_of(clinic_of(request), change, now)
    if effect.is_empty:
        return None
    may_send = may(request.user, AGENDA_EDIT, membership_of(request))
    context: dict[str, Any] = {
        "effect": effect,
        "headline": headline(effect),
        "groups": [group for group in _groups(effect, may_send) if group.lines],
        "kept": list(_kept(request)),
    }
    return render(request, "settings/effect.html", with_frame(request, part, **context))


def headline(effect: Effect) -> str:
    """The whole effect in a sentence."""
    if effect.adds.count or effect.moves.count:
        counts = {"adds": effect.adds.count, "moves": effect.moves.count, "stops": effect.stops}
        words = _("This adds %(adds)s messages, moves %(moves)s and stops %(stops)s.")
        return words % {name: number(count) for name, count in counts.items()}
    if effect.stops_soon:
        words = ngettext(
            "This stops %(count)s message in the next 7 days.",
            "This stops %(count)s messages in the next 7 days.",
            effect.stops_soon,
        )
        return words % {"count": number(effect.stops_soon)}
    words = ngettext("This stops %(count)s message.", "This stops %(count)s messages.", effect.stops)
    return words % {"count": number(effect.stops)}


def _groups(effect: Effect, may_send: bool) -> Iterator[Group]:
    lists = (effect.adds, effect.moves, effect.removes, effect.expires)
    ids = {row.appointment_id for listed in lists for row in listed.rows}
    there = Appointment.objects.select_related("patient").in_bulk(ids)

    def group(title: str, listed: Listed, note: str = "", may_send: bool = False) -> Group:
        return Group(
            title, note, listed.count, [_line(row, there[row.appointment_id]) for row in listed.rows], may_send
        )

    yield group(_("Added"), effect.adds)
    yield group(_("Moved"), effect.moves)
    yield group(_("Stopped"), effect.removes)
    held = _("They are held back until it is too late for them. What must go can be sent before.")
    yield group(_("Too late afterwards"), effect.expires, held, may_send)


def _line(row: EffectRow, appointment: Appointment) -> Line:
    channel = Channel(row.channel)
    return Line(
        row=row,
        patient=full_name(appointment.patient) if appointment.patient else "",
        start=appointment.start,
        kind=KIND[Kind(row.kind)],
        icon=CHANNEL_ICON[channel],
        channel=CHANNEL[channel],
        former_channel=CHANNEL[Channel(row.former_channel)] if row.former_channel else "",
    )


def _kept(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Everything that was typed, as it was sent."""
    for name, values in request.POST.lists():
        if name not in _NOT_KEPT and not any(word in name for word in _NEVER_KEPT):
            yield from ((name, str(value)) for value in values)
