"""By what can the log be narrowed? Each filter stands in the address, so that a view of the log can be shared."""

from datetime import date, datetime, time, timedelta

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import Practitioner
from patients.models import Patient
from reminders.models import Reminder
from reminders.pages.words import CHANNEL, KIND, STAFF_WORDS, WORD_OF

#: A name that fits more patients than this is no name yet; the newest records are taken.
MOST_PATIENTS = 500


def _practitioners(request: HttpRequest | None) -> QuerySet[Practitioner]:
    return Practitioner.objects.order_by("name")


class LogFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """Every field may stay empty. Days are the clinic's local days of the due moment, both inclusive."""

    word = filters.ChoiceFilter(
        label=_("State"), choices=[(one.code, one.word) for one in STAFF_WORDS], method="by_word", empty_label=_("Any")
    )
    channel = filters.ChoiceFilter(label=_("Channel"), choices=list(CHANNEL.items()), empty_label=_("Any"))
    kind = filters.ChoiceFilter(label=_("Kind"), choices=list(KIND.items()), empty_label=_("Any"))
    since = filters.DateFilter(
        label=_("From day"), method="from_day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = filters.DateFilter(
        label=_("To day"), method="to_day", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    patient = filters.CharFilter(
        label=_("Patient"),
        method="by_patient",
        widget=forms.SearchInput({"placeholder": _("Name or reference"), "autocomplete": "off"}),
    )
    practitioner = filters.ModelChoiceFilter(
        label=_("Practitioner"),
        queryset=_practitioners,
        field_name="appointment__practitioner",
        empty_label=_("Any"),
    )

    class Meta:
        model = Reminder
        fields: list[str] = []

    def by_word(self, reminders: QuerySet[Reminder], name: str, value: str) -> QuerySet[Reminder]:
        """One of the four words: all the states behind it."""
        return reminders.filter(state__in=[state for state, word in WORD_OF.items() if word.code == value])

    def from_day(self, reminders: QuerySet[Reminder], name: str, value: date) -> QuerySet[Reminder]:
        """Due on that local day or later."""
        return reminders.filter(due_at__gte=_first_moment(value))

    def to_day(self, reminders: QuerySet[Reminder], name: str, value: date) -> QuerySet[Reminder]:
        """Due on that local day or earlier."""
        return reminders.filter(due_at__lt=_first_moment(value + timedelta(days=1)))

    def by_patient(self, reminders: QuerySet[Reminder], name: str, value: str) -> QuerySet[Reminder]:
        """Every word of the name somewhere in first or last name, or the reference as it is. The patients are looked
        up first: they are few, while the log grows for ever."""
        wanted = Q()
        for word in value.split():
            wanted &= Q(first_name__icontains=word) | Q(last_name__icontains=word)
        found = Patient.objects.filter(wanted | Q(ref=value)).order_by("-id").values_list("id", flat=True)
        return reminders.filter(appointment__patient__in=list(found[:MOST_PATIENTS]))


def _first_moment(day: date) -> datetime:
    """Midnight in the page's zone, which the guard sets to the clinic's."""
    return datetime.combine(day, time(), timezone.get_current_timezone())
