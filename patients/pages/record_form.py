"""Which fields has a patient's record, and which may a booking ask for? The two forms of a patient."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import Clinic
from clinics.pages.forms import ClinicForm, LineField, fingerprint
from clinics.plain_text import unsafe_character
from patients.models import Patient, Phone
from patients.pages.phone_lines import (
    PhoneLine,
    phone_fault,
    stored_lines,
    typed_lines,
    wanted,
    with_spare,
)
from patients.pages.words import CONSENT_WORDS, HOW, channel_choices, language_choices
from patients.writing import PatientChange, PhonesWanted

#: Columns of the record that a form sets as they are.
COLUMNS = (
    "ref", "first_name", "last_name", "email", "language", "preferred_channel", "default_notifications",
    *(f"consent_{subject}" for subject in CONSENT_WORDS),
)  # fmt: skip
_HOW_CHOICES = [(code, HOW[code]) for code in ("in_person", "phone", "writing")]


def _safe_email(value: str) -> str:
    """Raises ValidationError for a control that hides in a domain of letters beyond ASCII."""
    if found := unsafe_character(value):
        raise ValidationError(_("Contains a character that may not stand here (%s).") % found)
    return value


class PatientForm(ClinicForm):
    """The whole record."""

    first_name = LineField(label=gettext_lazy("First name"), max_length=120)
    last_name = LineField(label=gettext_lazy("Last name"), max_length=120, required=False)
    ref = LineField(label=gettext_lazy("Reference"), max_length=80, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    preferred_channel = forms.ChoiceField(label=gettext_lazy("Wants to be reminded on"), required=False)
    default_notifications = forms.BooleanField(
        label=gettext_lazy("Default notifications: receives reminders"), required=False
    )
    consent_data_protection = forms.BooleanField(label=CONSENT_WORDS["data_protection"], required=False)
    consent_email = forms.BooleanField(label=CONSENT_WORDS["email"], required=False)
    consent_sms = forms.BooleanField(label=CONSENT_WORDS["sms"], required=False)
    consent_whatsapp = forms.BooleanField(label=CONSENT_WORDS["whatsapp"], required=False)
    consent_voice = forms.BooleanField(label=CONSENT_WORDS["voice"], required=False)
    consent_marketing = forms.BooleanField(label=CONSENT_WORDS["marketing"], required=False)
    consent_how = forms.ChoiceField(
        label=gettext_lazy("How did the patient say so?"), choices=_HOW_CHOICES, required=False
    )
    consent_note = LineField(label=gettext_lazy("With which words, or on which form?"), max_length=240, required=False)

    def __init__(self, clinic: Clinic, patient: Patient | None, *args: Any, **options: Any) -> None:
        """`patient` None is for a new one."""
        self.patient = patient
        self.stored = list(Phone.objects.filter(patient=patient).order_by("position")) if patient else []
        super().__init__(clinic, *args, **{**options, "initial": _initial(patient, self.stored)})
        self.fields["language"].choices = language_choices(clinic)  # type: ignore[attr-defined]
        self.fields["preferred_channel"].choices = channel_choices(clinic)  # type: ignore[attr-defined]
        self.lines = stored_lines(self.stored)
        if self.is_bound:
            self.lines = typed_lines(self.data, clinic.country, [phone.as_typed for phone in self.stored])

    def phone_lines(self) -> list[PhoneLine]:
        """The numbers as they are to be shown, with empty lines after them."""
        return with_spare(self.lines)

    def clean_email(self) -> str:
        """Plain text alone."""
        return _safe_email(self.cleaned_data["email"])

    def clean_ref(self) -> str | None:
        """Unique in the clinic; empty is none. Whoever gives the same one at the same moment waits until this page has
        answered, and then is told."""
        ref: str = self.cleaned_data["ref"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", [f"ref {self.clinic.pk}", ref])
        others = Patient.objects.filter(ref=ref).exclude(pk=self.patient.pk if self.patient else None)
        if ref and others.exists():
            raise ValidationError(_("Another patient of the clinic has this reference."))
        return ref or None

    def clean(self) -> dict[str, Any]:
        """The numbers' errors stand at their lines; the form as a whole is not valid with one."""
        super().clean()
        if any(line.error for line in self.lines):
            self.add_error(None, _("A phone number cannot be read; see below."))
        return self.cleaned_data

    def told_of_a_change(self, present: "PatientForm") -> None:
        """Also where the numbers differ."""
        super().told_of_a_change(present)
        if [line.number for line in present.lines] != [line.number for line in self.lines]:
            self.now_says.append((_("Phone numbers"), ", ".join(line.number for line in present.lines) or "–"))

    def change(self) -> PatientChange:
        """What a valid form asks of the writer."""
        return PatientChange(self.patient, {name: self.cleaned_data[name] for name in COLUMNS}, wanted(self.lines))


def _initial(patient: Patient | None, phones: list[Phone]) -> dict[str, Any]:
    if patient is None:
        return {"seen": ""}
    values = {name: getattr(patient, name) for name in COLUMNS}
    numbers = [(phone.as_typed, phone.use_for_reminders) for phone in phones]
    return {**values, "ref": patient.ref or "", "seen": fingerprint(values, numbers, patient.archived)}


class NewPatientForm(forms.Form):
    """The few fields that a booking asks of a new patient; the rest follows in his record."""

    first_name = LineField(label=gettext_lazy("First name"), max_length=120)
    last_name = LineField(label=gettext_lazy("Last name"), max_length=120, required=False)
    phone = LineField(label=gettext_lazy("Phone"), max_length=60, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254, required=False)
    default_notifications = PatientForm.base_fields["default_notifications"]
    consent_data_protection = PatientForm.base_fields["consent_data_protection"]
    consent_email = PatientForm.base_fields["consent_email"]
    consent_sms = PatientForm.base_fields["consent_sms"]

    def __init__(self, clinic: Clinic, *args: Any, **options: Any) -> None:
        """As a form, after the clinic, by whose country a number is read."""
        self.clinic = clinic
        super().__init__(*args, **{"label_suffix": "", "prefix": "new", "use_required_attribute": False, **options})

    def clean_email(self) -> str:
        """Plain text alone."""
        return _safe_email(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        """A number that can be read, or none."""
        number: str = self.cleaned_data["phone"]
        if number and (fault := phone_fault(number, self.clinic.country)):
            raise ValidationError(fault)
        return number

    def change(self) -> PatientChange:
        """What a valid form asks of the writer."""
        fields: Mapping[str, Any] = {name: value for name, value in self.cleaned_data.items() if name != "phone"}
        number = self.cleaned_data["phone"]
        return PatientChange(None, fields, PhonesWanted([number] if number else []))
