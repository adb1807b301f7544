"""How is a practitioner's time blocked on a page? A block never reminds."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from appointments.models import Block
from appointments.pages.agenda import read_day_of
from appointments.pages.wall_time import moment_at, wall_of, zone_of
from appointments.writing import BlockChange, delete_block, write_blocks
from clinics import clock
from clinics.models import Clinic, Location, Practitioner
from clinics.once import claim, remember
from clinics.pages.access import clinic_of
from clinics.pages.forms import ClinicForm, ClockField, DayField, LineField, Named, fingerprint
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT
from clinics.rows import lock_rows


class BlockForm(ClinicForm):
    """Whose time, from when until when."""

    practitioner = Named(label=gettext_lazy("Practitioner"), empty_label=None)
    location = Named(label=gettext_lazy("Location"), required=False)
    day = DayField(label=gettext_lazy("From day"))
    time = ClockField(label=gettext_lazy("Start"))
    end_day = DayField(label=gettext_lazy("To day"), required=False, help_text=gettext_lazy("Empty: the same day."))
    end_time = ClockField(label=gettext_lazy("End"))
    note = LineField(label=gettext_lazy("Note"), max_length=120, required=False)

    def __init__(self, clinic: Clinic, row: Block | None, *args: object, initial: dict[str, Any] | None = None) -> None:
        """`row` None is for a new one."""
        self.row = row
        super().__init__(clinic, *args, initial={**_initial(clinic, row), **(initial or {})})
        self.rows_of(practitioner=Practitioner.objects.order_by("name"), location=Location.objects.order_by("name"))

    def clean(self) -> dict[str, Any]:
        """Adds `start` and `end` as moments."""
        super().clean()
        data = self.cleaned_data
        if all(data.get(name) is not None for name in ("day", "time", "end_time")) and "end_day" in data:
            zone = zone_of(self.clinic, data.get("location"))
            for name, day, wall in (("start", "day", "time"), ("end", "end_day", "end_time")):
                try:
                    data[name] = self._moment(name, data[day] or data["day"], data[wall], zone)
                except ValidationError as error:
                    self.add_error(wall, error)
            if "start" in data and "end" in data and data["end"] <= data["start"]:
                self.add_error("end_time", _("The end must be after the start."))
        return data

    def _moment(self, name: str, day: Any, wall: Any, zone: str) -> datetime:
        stored: datetime | None = getattr(self.row, name) if self.row else None
        if stored is not None and wall_of(stored, zone) == (day, wall):
            return stored
        return moment_at(day, wall, zone)

    def columns(self) -> dict[str, Any]:
        """What a valid form asks of the writer."""
        data = self.cleaned_data
        return {
            "practitioner_id": data["practitioner"].pk,
            "location_id": data["location"].pk if data["location"] else None,
            **{name: data[name] for name in ("start", "end", "note")},
        }


def _initial(clinic: Clinic, row: Block | None) -> dict[str, Any]:
    if row is None:
        return {"seen": ""}
    zone = zone_of(clinic, row.location)
    (day, wall), (end_day, end_wall) = wall_of(row.start, zone), wall_of(row.end, zone)
    values = {"practitioner": row.practitioner_id, "location": row.location_id, "note": row.note}
    times = {"day": day, "time": wall, "end_day": end_day, "end_time": end_wall}
    return {**values, **times, "seen": fingerprint(values, row.start, row.end)}


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def new_block(request: HttpRequest) -> HttpResponse:
    """`?day=&practitioner=` fill the form in."""
    clinic = clinic_of(request)
    if request.method != "POST":
        day = read_day_of(request.GET.get("day", "")) or wall_of(clock.now(), clinic.time_zone)[0]
        given = {"day": day, "practitioner": request.GET.get("practitioner", "")}
        return _page(request, BlockForm(clinic, None, initial=given))
    form = BlockForm(clinic, None, request.POST)
    if not form.is_valid():
        return _page(request, form)
    if claim(clinic, form.cleaned_data["token"]):
        written = write_blocks(clinic, [BlockChange(None, form.columns())])
        remember(form.cleaned_data["token"], written.rows[0].pk)
        messages.success(request, _("The time is blocked."))
    return _back(clinic, form.cleaned_data["start"])


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def edit_block(request: HttpRequest, block_id: int) -> HttpResponse:
    """Its time, place and note."""
    clinic = clinic_of(request)
    if request.method != "POST":
        return _page(request, BlockForm(clinic, _find(block_id)))
    _find(block_id)
    row = lock_rows(Block, [block_id])[block_id]
    form = BlockForm(clinic, row, request.POST)
    if not form.is_valid() or not form.is_current(BlockForm(clinic, row)):
        return _page(request, form)
    write_blocks(clinic, [BlockChange(row, form.columns())])
    messages.success(request, _("Saved."))
    return _back(clinic, form.cleaned_data["start"])


@require_POST
@clinic_page(AGENDA_EDIT)
def free_block(request: HttpRequest, block_id: int) -> HttpResponse:
    """The time is free again; the block is gone."""
    row = _find(block_id)
    delete_block(row)
    messages.success(request, _("The time is free again."))
    return _back(clinic_of(request), row.start)


def _find(block_id: int) -> Block:
    row: Block | None = Block.objects.select_related("practitioner", "location").filter(pk=block_id).first()
    if row is None:
        raise Http404
    return row


def _back(clinic: Clinic, moment: datetime) -> HttpResponse:
    day = wall_of(moment, clinic.time_zone)[0]
    return redirect(f"{reverse('agenda', args=[clinic.slug])}?day={day:%Y-%m-%d}")


def _page(request: HttpRequest, form: BlockForm) -> HttpResponse:
    return render(request, "appointments/block.html", {"section": "agenda", "form": form, "row": form.row})
