"""Who can open a closed gate, and at which field of which page? The one place that leads there.

The page is named for everybody; the link stands for those whose role may use it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from appointments.models import Appointment
from clinics.models import Clinic
from clinics.pages.access import membership_of
from clinics.roles import AGENDA_EDIT, PATIENT_EDIT, SETTINGS_CHANGE, may
from reminders.answer import Answer
from reminders.conditions import Gate
from reminders.gates import CATALOGUE
from reminders.pages.gate_values import gate_value
from reminders.pages.words import WHO, Words


@dataclass(frozen=True)
class Reader:
    """What the person at the page may change."""

    permissions: frozenset[str] = frozenset()

    @staticmethod
    def of(request: HttpRequest) -> "Reader":
        """The person who asks for a page under /c/."""
        asked = (AGENDA_EDIT, PATIENT_EDIT, SETTINGS_CHANGE)
        return Reader(frozenset(one for one in asked if may(request.user, one, membership_of(request))))


@dataclass(frozen=True)
class Case:
    """Of what the gates speak: one answer on one appointment, and who reads it."""

    clinic: Clinic
    appointment: Appointment
    answer: Answer
    reader: Reader


@dataclass(frozen=True)
class Link:
    """A field that opens the gate; `label` tells several of them apart."""

    url: str
    label: Words = ""


@dataclass(frozen=True)
class Mend:
    """Who can open the gate, in which part of the product, and the fields, for a reader who may."""

    who: Words = ""
    where: Words = ""
    links: tuple[Link, ...] = ()


def mend(case: Case, gate: Gate) -> Mend:
    """For a gate, open or closed. Nobody, nowhere, for one that no person opens."""
    words = CATALOGUE[gate.code]
    find = _PLACES.get(gate.code)
    found = tuple(find(case, gate.value)) if find else ()
    links = tuple(Link(_url(case, way), way.label) for way in found if way.permission in case.reader.permissions)
    return Mend(WHO[words.who], words.where, tuple(link for link in links if link.url))


@dataclass(frozen=True)
class _Way:
    """A page's name in the addresses, what it takes after the clinic, the field on it, and who may change it."""

    permission: str
    page: str
    of: tuple[object, ...] = ()
    field: str = ""
    label: Words = ""


_Finder = Callable[[Case, str], Iterator[_Way]]


def _url(case: Case, way: _Way) -> str:
    try:
        address = reverse(way.page, args=[case.clinic.slug, *way.of])
    except NoReverseMatch:  # an id is missing: there is no such record yet
        return ""
    return f"{address}#{way.field}" if way.field else address


def _visit(field: str, page: str = "edit_appointment") -> _Finder:
    def find(case: Case, value: str) -> Iterator[_Way]:
        yield _Way(AGENDA_EDIT, page, (case.appointment.pk,), field)

    return find


def _record(field: str, page: str = "edit_patient") -> _Finder:
    """`{}` in the field stands for the channel that the gate saw."""

    def find(case: Case, value: str) -> Iterator[_Way]:
        yield _Way(PATIENT_EDIT, page, (case.appointment.patient_id or "",), field.format(value))

    return find


def _setting(field: str, page: str = "settings_clinic") -> _Finder:
    def find(case: Case, value: str) -> Iterator[_Way]:
        yield _Way(SETTINGS_CHANGE, page, (), field)

    return find


def _rule_id(case: Case) -> tuple[object, ...]:
    return (case.answer.reminder.rule_id or "",)


def _rule(field: str) -> _Finder:
    def find(case: Case, value: str) -> Iterator[_Way]:
        yield _Way(SETTINGS_CHANGE, "settings_rule", _rule_id(case), field)

    return find


def _address(case: Case, channel: str) -> Iterator[_Way]:
    field = "id_email" if channel == "email" else "phones"
    yield _Way(PATIENT_EDIT, "edit_patient", (case.appointment.patient_id or "",), field)


def _filters(case: Case, value: str) -> Iterator[_Way]:
    """The rule's filters that do not fit; several are told apart."""
    names = value.split(", ") if value else ["practitioner"]
    for name in names:
        label = gate_value("rule_filter_mismatch", name) if len(names) > 1 else ""
        yield _Way(SETTINGS_CHANGE, "settings_rule", _rule_id(case), f"field_{name}s", label)


def _package(case: Case, kind: str) -> Iterator[_Way]:
    yield _Way(SETTINGS_CHANGE, "settings_packages", (), f"id_on_{case.appointment.practitioner_id}_{kind}")


def _wording(case: Case, channel: str) -> Iterator[_Way]:
    place = (case.answer.reminder.kind, channel, case.answer.language)
    yield _Way(SETTINGS_CHANGE, "settings_wording", place, "id_body")


def _account(case: Case, channel: str) -> Iterator[_Way]:
    yield _Way(SETTINGS_CHANGE, f"settings_{channel}")


def _of_whom(page: str, link: str, field: str, lacking: str) -> _Finder:
    """A setting of the appointment's practitioner or location; where it has none, there to name one."""

    def find(case: Case, value: str) -> Iterator[_Way]:
        row_id = getattr(case.appointment, link)
        if row_id is None:
            yield _Way(AGENDA_EDIT, "edit_appointment", (case.appointment.pk,), lacking)
        else:
            yield _Way(SETTINGS_CHANGE, page, (row_id,), field)

    return find


#: Field of a wording → where its value is typed.
_FIELD_PLACES: dict[str, _Finder] = {
    "CLIENTFIRSTNAME": _record("id_first_name"),
    "CLINICIAN": _visit("id_practitioner"),
    "APPOINTMENTTYPE": _visit("id_type"),
    "LOCATION": _visit("id_location"),
    "LOCATIONADDRESS": _of_whom("settings_location", "location_id", "id_address", "id_location"),
    "CLINICIANPHONE": _of_whom("settings_practitioner", "practitioner_id", "id_phone", "id_practitioner"),
    "CLINIC": _setting("id_name"),
    "CLINICPHONE": _setting("id_phone"),
}


def _empty_fields(case: Case, value: str) -> Iterator[_Way]:
    names = value.split(", ")
    for name in names:
        for way in _FIELD_PLACES[name](case, "") if name in _FIELD_PLACES else ():
            label = gate_value("merge_field_empty", name) if len(names) > 1 else ""
            yield _Way(way.permission, way.page, way.of, way.field, label)


def _status(case: Case, value: str) -> Iterator[_Way]:
    """The desk sets the status; which statuses a rule covers is the administrator's."""
    yield _Way(AGENDA_EDIT, "appointment", (case.appointment.pk,), "acts", _("Status of the appointment"))
    yield _Way(SETTINGS_CHANGE, "settings_rule", _rule_id(case), "field_statuses", _("Statuses of the rule"))


def _hours(case: Case, value: str) -> Iterator[_Way]:
    yield _Way(SETTINGS_CHANGE, "settings_clinic", (), "id_quiet_from", _("Quiet hours"))
    yield _Way(SETTINGS_CHANGE, "settings_closed_days", (), "", _("Closed days"))


#: Gate → the fields that open it. What nobody opens is not here.
_PLACES: dict[str, _Finder] = {
    "channel_off": _setting("field_channels_on"),
    "paused": _setting("", "settings_pause"),
    "test_mode_guest_list": _setting("live"),
    "rule_inactive": _rule("id_active"),
    "kind_off_for_practitioner": _package,
    "rule_filter_mismatch": _filters,
    "lead_time_misconfigured": _rule("id_amount"),
    "no_allowed_moment": _hours,
    "quiet_hours": _hours,
    "no_patient": _visit("sought"),
    "cancelled": _visit("acts", "appointment"),
    "deleted": _visit("acts", "appointment"),
    "status_not_eligible": _status,
    "appointment_reminder_off": _visit("wanted", "appointment"),
    "reminded_elsewhere": _visit("marks", "appointment"),
    "patient_archived": _record("acts", "patient"),
    "default_notifications_off": _record("id_default_notifications"),
    "consent_data_protection_off": _record("id_consent_data_protection"),
    "consent_channel_off": _record("id_consent_{}"),
    "preferred_channel_differs": _record("id_preferred_channel"),
    "no_address": _address,
    "address_invalid": _address,
    "landline": _record("phones"),
    "no_wording": _wording,
    "merge_field_empty": _empty_fields,
    "sender_not_configured": _account,
    "sender_failing": _account,
    "too_many_to_this_address": _visit("send", "appointment"),
}
