"""Which fields has an appointment, and what do they ask of the writer? Times are wall times of the place."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.models import Appointment, AppointmentType, ChannelFlag, Status
from appointments.pages.wall_time import moment_at, wall_of, zone_of
from clinics.models import Clinic, Location, Practitioner
from clinics.pages.forms import ClinicForm, ClockField, DayField, LineField, Named, fingerprint
from messaging.channels import Channel
from patients.models import Patient
from reminders.pages.words import CHANNEL

#: How long a visit without a type and without an end lasts.
DEFAULT_MINUTES = 30
#: The choice of a patient who has no record yet.
NEW = "new"
_SAME = ("status", "meeting_link", "access_code")


class TypeField(Named):
    """A kind of visit, with its length."""

    def label_from_instance(self, obj: Any) -> str:
        """As "Check-up (30 min)"."""
        return f"{obj.name} ({obj.minutes} min)"


class AppointmentForm(ClinicForm):
    """A new appointment, or one that is changed."""

    patient = forms.CharField(label=gettext_lazy("Patient"), required=False)
    practitioner = Named(label=gettext_lazy("Practitioner"), required=False)
    location = Named(label=gettext_lazy("Location"), required=False)
    type = TypeField(label=gettext_lazy("Type of visit"), required=False)
    day = DayField(label=gettext_lazy("Day"))
    time = ClockField(label=gettext_lazy("Start"))
    end_time = ClockField(
        label=gettext_lazy("End"), required=False, help_text=gettext_lazy("Empty: as long as the type of visit takes.")
    )
    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=Status.choices)
    meeting_link = forms.URLField(
        label=gettext_lazy("Meeting link"), max_length=200, required=False, assume_scheme="https"
    )
    access_code = LineField(label=gettext_lazy("Access code"), max_length=40, required=False)
    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("Reminders wanted over"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, clinic: Clinic, row: Appointment | None, *args: Any, **options: Any) -> None:
        """`row` None is for a new one; `initial` may then name day, time, practitioner and patient."""
        self.row = row
        flags = ChannelFlag.objects.filter(appointment=row) if row else ()
        self.unwanted = frozenset(flag.channel for flag in flags if not flag.wanted)
        self.channels = [one for one in Channel if one in clinic.channels_on or one in self.unwanted]
        initial = {**_initial(clinic, row, self.unwanted, self.channels), **options.pop("initial", {})}
        super().__init__(clinic, *args, **{**options, "initial": initial})
        self.rows_of(
            practitioner=Practitioner.objects.order_by("name"),
            location=Location.objects.order_by("name"),
            type=AppointmentType.objects.order_by("name"),
        )
        if row is None or row.status != Status.CANCELLED:  # cancelling asks a question of its own
            statuses = [one for one in Status.choices if one[0] != Status.CANCELLED]
            self.fields["status"].choices = statuses  # type: ignore[attr-defined]
        self.fields["wanted"].choices = [(one.value, CHANNEL[one]) for one in self.channels]  # type: ignore[attr-defined]
        self.chosen: Patient | None = None

    def type_minutes(self) -> list[tuple[int, int]]:
        """(type, minutes), for the end to follow in the browser."""
        return list(AppointmentType.objects.order_by("pk").values_list("pk", "minutes"))

    def clean_patient(self) -> str:
        """Empty, `new`, or the id of one of the clinic's records that is not archived (or is linked already)."""
        value: str = self.cleaned_data["patient"]
        if self.add_prefix("patient") not in self.data:
            raise ValidationError(_("Choose a patient, or “No patient”."))
        if value in ("", NEW):
            return value
        pk = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
        found = Patient.objects.filter(pk=pk).first()
        present = self.row.patient_id if self.row else None
        if found is None or (found.archived and found.pk != present):
            raise ValidationError(_("This patient does not exist, or the record is archived. Choose another."))
        self.chosen = found
        return value

    def clean(self) -> dict[str, Any]:
        """Adds `start` and `end` as moments. What was not touched stays to the second, also in an hour that comes
        twice."""
        super().clean()
        data = self.cleaned_data
        if data.get("day") is None or data.get("time") is None or "end_time" not in data:
            return data
        zone = zone_of(self.clinic, data.get("location"))
        try:
            data["start"] = self._start(zone)
        except ValidationError as error:
            self.add_error("time", error)
            return data
        try:
            data["end"] = self._end(zone, data["start"])
        except ValidationError as error:
            self.add_error("end_time", error)
        return data

    def _start(self, zone: str) -> datetime:
        day, wall = self.cleaned_data["day"], self.cleaned_data["time"]
        if self.row and wall_of(self.row.start, zone) == (day, wall):
            return self.row.start
        return moment_at(day, wall, zone)

    def _end(self, zone: str, start: datetime) -> datetime:
        wall = self.cleaned_data["end_time"]
        if wall is None:
            kind = self.cleaned_data.get("type")
            return start + timedelta(minutes=kind.minutes if kind else DEFAULT_MINUTES)
        if self.row and start == self.row.start and wall == wall_of(self.row.end, zone)[1]:
            return self.row.end
        end = moment_at(self.cleaned_data["day"], wall, zone)
        if end <= start:
            raise ValidationError(_("The end must be after the start."))
        return end

    def columns(self, patient: Patient | None) -> Mapping[str, Any]:
        """What a valid form asks of the writer."""
        data = self.cleaned_data
        links = {f"{name}_id": data[name].pk if data[name] else None for name in ("practitioner", "location", "type")}
        times = {"start": data["start"], "end": data["end"]}
        return {"patient_id": patient.pk if patient else None, **links, **times, **{one: data[one] for one in _SAME}}

    def wishes(self) -> dict[str, bool]:
        """Channel → whether its reminders are wanted."""
        return {channel.value: channel.value in self.cleaned_data["wanted"] for channel in self.channels}


def _initial(
    clinic: Clinic, row: Appointment | None, unwanted: frozenset[str], channels: list[Channel]
) -> dict[str, Any]:
    wanted = [one.value for one in channels if one not in unwanted]
    if row is None:
        places = list(Location.objects.values_list("pk", flat=True)[:2])
        only = places[0] if len(places) == 1 else None
        return {"seen": "", "status": Status.SCHEDULED, "wanted": wanted, "location": only}
    zone = zone_of(clinic, row.location)
    day, wall = wall_of(row.start, zone)
    values = {
        "patient": str(row.patient_id or ""), "practitioner": row.practitioner_id, "location": row.location_id,
        "type": row.type_id, "day": day, "time": wall, "end_time": wall_of(row.end, zone)[1],
        **{name: getattr(row, name) for name in _SAME}, "wanted": wanted,
    }  # fmt: skip
    return {**values, "seen": fingerprint(row.pk, row.revision, sorted(unwanted))}
