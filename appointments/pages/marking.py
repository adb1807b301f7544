"""How do staff say that they reminded the patient themselves? A worded act that says what it stops; and its undoing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from appointments.models import Appointment, RemindedElsewhere
from appointments.pages.reminding import said_of_holding
from appointments.pages.saving import find_appointment, lock_appointment, user_of
from appointments.staff_says import Mark, mark_reminded, take_mark_back
from clinics import clock
from clinics.models import Clinic
from clinics.pages.access import clinic_of
from clinics.pages.forms import ClinicForm, LineField, fingerprint
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT
from messaging.channels import Channel
from patients.pages.words import full_name
from reminders.holding import Held, Holding, holding
from reminders.outlook import Foreseen
from reminders.pages.sending import named
from reminders.pages.words import CHANNEL
from reminders.plan import bring_up_to_date

#: Stands for all channels in the form; the row keeps an empty one.
ALL = "all"


class MarkForm(ClinicForm):
    """How, in place of which channel, and a note."""

    how = forms.ChoiceField(
        label=gettext_lazy("How was the patient reminded?"),
        choices=RemindedElsewhere.How.choices,
        widget=forms.RadioSelect,
        initial=RemindedElsewhere.How.PHONE,
    )
    channel = forms.ChoiceField(label=gettext_lazy("What does it stand for?"), initial=ALL)
    note = LineField(label=gettext_lazy("Note"), max_length=240, required=False)

    def __init__(self, clinic: Clinic, row: Appointment, *args: object) -> None:
        """For the present time of an appointment: a mark dies when it is moved."""
        self.row = row
        super().__init__(clinic, *args, initial={"seen": fingerprint(row.pk, row.occurrence)})
        channels = [(one.value, str(CHANNEL[one])) for one in Channel if one in clinic.channels_on]
        self.fields["channel"].choices = [(ALL, _("All channels")), *channels]  # type: ignore[attr-defined]

    def clean_seen(self) -> str:
        """The time that was seen is the one that is marked."""
        seen: str = self.cleaned_data["seen"]
        if seen != self.initial["seen"]:
            raise ValidationError(_("The appointment was moved meanwhile: look at its present time, and mark it then."))
        return seen


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def mark_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Nothing is sent by it: it stops what would still go."""
    clinic, now = clinic_of(request), clock.now()
    row = lock_appointment(appointment_id) if request.method == "POST" else find_appointment(appointment_id)
    form = MarkForm(clinic, row, request.POST) if request.method == "POST" else MarkForm(clinic, row)
    if not form.is_bound or not form.is_valid():
        return _page(request, form, holding(clinic, row, now))
    data = form.cleaned_data
    channel = "" if data["channel"] == ALL else data["channel"]
    marked = mark_reminded(clinic, row, Mark(channel, data["how"], data["note"]), user_of(request), now)
    bring_up_to_date(clinic, [row.pk], now)
    said = _("Marked as reminded elsewhere. What it stands for does not go any more.")
    messages.success(request, said if marked else _("It was marked so already."))
    return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)


@require_POST
@clinic_page(AGENDA_EDIT)
def unmark_appointment(request: HttpRequest, appointment_id: int, mark_id: int) -> HttpResponse:
    """What still waits goes again; what is too late for that is named. A mark of another appointment is not there:
    nothing happens."""
    clinic, now = clinic_of(request), clock.now()
    row = lock_appointment(appointment_id)
    mark = RemindedElsewhere.objects.filter(appointment=row, pk=mark_id).first()
    if mark is not None:
        held = holding(clinic, row, now).held_by_mark(mark.channel)
        take_mark_back(row, mark.pk)
        bring_up_to_date(clinic, [row.pk], now)
        _tell(request, clinic, row, held)
    return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)


def _tell(request: HttpRequest, clinic: Clinic, row: Appointment, held: Held) -> None:
    again, missed = said_of_holding(clinic, row, held)
    goes = _("These go again: %(what)s.") % {"what": "; ".join(again)} if again else _("Nothing more goes by itself.")
    messages.success(request, f"{_('Re-armed.')} {goes}")
    if missed:
        late = _("Too late to go by itself: %(what)s. You can send it now, below.")
        messages.warning(request, late % {"what": "; ".join(one.what for one in missed)})


def _page(request: HttpRequest, form: MarkForm, held: Holding) -> HttpResponse:
    """Each choice with the reminders that it stops."""
    names = dict(form.fields["channel"].choices)  # type: ignore[attr-defined]
    chosen = form["channel"].value()
    options: list[dict[str, Any]] = [
        {"value": value, "label": label, "checked": value == chosen, "stops": list(named(_stopped(held, value)))}
        for value, label in names.items()
    ]
    row = form.row
    name = full_name(row.patient) if row.patient else ""
    context = {"section": "agenda", "form": form, "row": row, "name": name, "options": options}
    return render(request, "appointments/mark.html", context)


def _stopped(held: Holding, value: str) -> tuple[Foreseen, ...]:
    return held.stopped_by_mark("" if value == ALL else value)
