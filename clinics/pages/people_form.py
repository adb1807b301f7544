"""What may an administrator change of a practitioner or a location?"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.holidays import regions
from clinics.models import Clinic, Location, Practitioner
from clinics.pages.clinic_form import ZONES
from clinics.pages.forms import ClinicForm, LineField, fingerprint


class _RowForm(ClinicForm):
    """A form of one row that has a name, which no other row of the clinic has."""

    model: Any

    def __init__(self, clinic: Clinic, row: Any, *args: Any) -> None:
        """As a form, after the clinic and the row."""
        self.row = row
        given = {name: getattr(row, name) for name in self.base_fields if name not in ("token", "seen")}
        super().__init__(clinic, *args, initial={**given, "seen": fingerprint(row.pk, given)})

    def clean_name(self) -> str:
        """Raises ValidationError where the clinic has that name already."""
        name: str = self.cleaned_data["name"]
        if self.model.objects.filter(name=name).exclude(pk=self.row.pk).exists():
            raise forms.ValidationError(_("There is another one of this name. Add something that tells them apart."))
        return name

    def fields_to_write(self) -> Mapping[str, Any]:
        """Column → value, as the writer takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("token", "seen")}


class PractitionerForm(_RowForm):
    """A practitioner."""

    model = Practitioner
    name = LineField(label=gettext_lazy("Name"), max_length=120)
    phone = LineField(
        label=gettext_lazy("Practitioner's phone"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Wordings that name it take it from here. Empty: such a message does not go."),
    )


class LocationForm(_RowForm):
    """A location."""

    model = Location
    name = LineField(label=gettext_lazy("Name"), max_length=120)
    address = LineField(
        label=gettext_lazy("Location's address"),
        max_length=240,
        required=False,
        help_text=gettext_lazy("Wordings that name it take it from here. Empty: such a message does not go."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        help_text=gettext_lazy("Appointments keep their moment; their reminders' hours and days are counted in it."),
    )
    region = forms.ChoiceField(label=gettext_lazy("Region whose holidays count"), required=False)

    def __init__(self, clinic: Clinic, row: Location, *args: Any) -> None:
        """As a form, after the clinic and the row."""
        super().__init__(clinic, row, *args)
        zones, region, known = self.fields["time_zone"], self.fields["region"], regions(clinic.country)
        as_clinic = ("", _("– as the clinic –"))
        names = sorted({*ZONES, *filter(None, [row.time_zone])})
        zones.choices = [as_clinic, *((name, name.replace("_", " ")) for name in names)]  # type: ignore[attr-defined]
        there = {} if not row.region or row.region in known else {row.region: row.region}
        region.choices = [as_clinic, *{**known, **there}.items()]  # type: ignore[attr-defined]
        if not known and not row.region:
            del self.fields["region"]
