"""What may be typed about closed days? Whose public holidays the clinic keeps, and days of its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.closed_days import MOST_DAYS, Closing, Why
from clinics.holidays import regions
from clinics.models import Clinic, Location
from clinics.pages.forms import ClinicForm, DayField, LineField, Named
from clinics.pages.tags import long_day
from reminders.replanning import Holidays


class HolidaysForm(forms.Form):
    """The region, and in a clinic of several places theirs, where it is another."""

    public_holidays = forms.BooleanField(label=gettext_lazy("Closed on public holidays"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("Region"), required=False)

    def __init__(self, clinic: Clinic, *args: Any, **options: Any) -> None:
        """As a form, after the clinic."""
        given: dict[str, object] = {"public_holidays": clinic.public_holidays, "region": clinic.region}
        super().__init__(*args, **{"label_suffix": "", "initial": given, **options})
        known = regions(clinic.country)
        region: Any = self.fields["region"]
        region.choices = [("", _("– none: national holidays only –")), *known.items()]
        if not known:
            del self.fields["region"]
        places = list(Location.objects.order_by("name"))
        #: The name of its field → place.
        self.places = {f"place_{place.pk}": place for place in places} if len(places) > 1 and known else {}
        for name, place in self.places.items():
            choices = [("", _("– as the clinic –")), *known.items()]
            self.fields[name] = forms.ChoiceField(label=place.name, choices=choices, required=False)
            given[name] = place.region

    def place_fields(self) -> list[forms.BoundField]:
        """The fields of the places, for the template."""
        return [self[name] for name in self.places]

    def elsewhere(self) -> bool:
        """Whether a place is in another region, or something is wrong with what was typed."""
        return bool(self.errors) or any(place.region for place in self.places.values())

    def wanted(self) -> Holidays:
        """What a valid form asks for."""
        data = self.cleaned_data
        there = {place: data[name] for name, place in self.places.items()}
        return Holidays(data.get("region", ""), data["public_holidays"], there)


class ClosingForm(ClinicForm):
    """Days on which the clinic, or one of its places, is closed."""

    first = DayField(label=gettext_lazy("Day, or first day"))
    last = DayField(label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Empty: only that one day."))
    name = LineField(
        label=gettext_lazy("Name"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("As “Summer break”; only the clinic sees it."),
    )
    place = Named(label=gettext_lazy("Location"), required=False, empty_label=gettext_lazy("All locations"))

    def __init__(self, clinic: Clinic, *args: Any, **options: Any) -> None:
        """As a form, after the clinic; a clinic of one place is not asked which."""
        super().__init__(clinic, *args, **options)
        places = Location.objects.order_by("name")
        self.rows_of(place=places)
        if len(places) < 2:
            del self.fields["place"]

    def closing(self) -> Closing:
        """What a valid form asks for."""
        data: Mapping[str, Any] = self.cleaned_data
        return Closing(data["first"], data["last"] or data["first"], data["name"], data.get("place"))

    def say(self, why: Why) -> None:
        """Says at its field why the days are not closed."""
        closing = self.closing()
        if why is Why.PAST:
            self.add_error("first", _("That day has passed. Choose today or a later day."))
        elif why is Why.BACKWARDS:
            self.add_error("last", _("The last day lies before the first."))
        elif why is Why.TOO_LONG:
            words = _("At most %(count)s days at a time: until %(day)s. Add the rest afterwards.")
            latest = closing.first + timedelta(days=MOST_DAYS - 1)
            self.add_error("last", words % {"count": MOST_DAYS, "day": long_day(latest)})
        elif closing.first == closing.last:
            self.add_error("first", _("The clinic is closed on that day already; it stands in the list."))
        else:
            self.add_error("first", _("All these days are closed already; they stand in the list."))
