"""What do all forms of a clinic's pages share? The clinic whose rows may be chosen, plain text, one row for one form,
and nobody's change written over unseen.

They are plain forms: what they say is written by the one writer of each table. A ModelForm would skip every uniqueness
that contains the clinic.
"""

from collections.abc import Mapping
from typing import Any, Self
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import Clinic
from clinics.plain_text import tidy, unsafe_character


class LineField(forms.CharField):
    """One line of plain text: tidied, and refused with a control character or one that turns the direction."""

    def to_python(self, value: Any) -> str:
        """Raises ValidationError that names the character."""
        text = str(super().to_python(value) or "")
        if found := unsafe_character(text):
            raise ValidationError(_("Contains a character that may not stand here (%s).") % found)
        return tidy(text)


class DayField(forms.DateField):
    """A day, by the browser's own calendar; years outside are mistyped."""

    def __init__(self, **options: Any) -> None:
        """As a DateField; the browser sends ISO dates in every language."""
        widget = forms.DateInput({"type": "date", "min": "1990-01-01", "max": "2099-12-31"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, "input_formats": ["%Y-%m-%d"], **options})

    def clean(self, value: Any) -> Any:
        """Raises ValidationError for a day that is none, or in a year that cannot be meant."""
        day = super().clean(value)
        if day is not None and not 1990 <= day.year <= 2099:
            raise ValidationError(_("Choose a day between 1990 and 2099."))
        return day


class ClockField(forms.TimeField):
    """A wall time, to the minute."""

    def __init__(self, **options: Any) -> None:
        """As a TimeField."""
        widget = forms.TimeInput({"type": "time"}, format="%H:%M")
        super().__init__(**{"widget": widget, "input_formats": ["%H:%M", "%H:%M:%S"], **options})


def fingerprint(*values: object) -> str:
    """Stands for a row as a form showed it: the same values give the same, and nothing can be read from it."""
    return str(salted_hmac("clinics.pages.forms", repr(values)).hexdigest()[:32])


class ClinicForm(forms.Form):
    """A form of one clinic. Its template renders the hidden `token` and `seen` with the fields."""

    #: One form makes one row, see clinics.once.
    token = forms.UUIDField(widget=forms.HiddenInput)
    #: The row as it was when the form was opened.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    error_css_class = "field-wrong"

    def __init__(self, clinic: Clinic, *args: Any, **options: Any) -> None:
        """As a form, after the clinic."""
        self.clinic = clinic
        #: What a row that was changed meanwhile says now, where it differs from what was typed: (label, value).
        self.now_says: list[tuple[str, str]] = []
        super().__init__(*args, **{"label_suffix": "", **options})
        self.initial.setdefault("token", uuid4())

    def rows_of(self, **choices: Any) -> None:
        """Limits choice fields to these querysets, so that another clinic's id is an unknown one."""
        for name, rows in choices.items():
            field: Any = self.fields[name]
            field.queryset = rows

    def is_current(self, present: Self) -> bool:
        """Whether the row still is as this valid form showed it; if not, the form says so. `present` is an unbound
        form of the row as it stands, locked."""
        if self.cleaned_data["seen"] == present.initial["seen"]:
            return True
        self.told_of_a_change(present)
        return False

    def told_of_a_change(self, present: Self) -> None:
        """Says that the row was changed since this form was opened, and where it now differs from what was typed.
        Nothing is lost: sent again, the form is meant so. `present` is an unbound form of the row as it stands."""
        self.now_says = [
            (str(field.label), shown)
            for name, field in self.fields.items()
            if name not in ("token", "seen")
            and (shown := _shown(field, present.get_initial_for_field(present.fields[name], name)))
            != _shown(field, self.cleaned_data.get(name))
        ]
        self.add_error(
            None,
            _(
                "Somebody else changed this while you had it open. Nothing was saved, and what you typed is still "
                "here. Look at what it says now; if yours is right, save again."
            ),
        )
        self.data = _with(self.data, self.add_prefix("seen"), present.initial["seen"])


def _with(data: Any, name: str, value: object) -> Any:
    """A copy of what was sent, with one value changed."""
    copied = data.copy()
    copied[name] = value
    return copied


def _shown(field: forms.Field, value: Any) -> str:
    """A field's value in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, forms.MultipleChoiceField):
        labels: Mapping[str, object] = dict(field.choices)  # type: ignore[arg-type]
        return ", ".join(str(labels[one]) for one in labels if one in (value or [])) or "–"
    if isinstance(field, forms.ModelChoiceField):
        chosen = field.queryset.filter(pk=getattr(value, "pk", value) or 0).first() if field.queryset else None
        return field.label_from_instance(chosen) if chosen is not None else "–"
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value) or "–")  # type: ignore[arg-type]
    prepared = field.prepare_value(value)
    return str(field.widget.format_value(prepared) or "–")


class Named(forms.ModelChoiceField):  # type: ignore[type-arg]  # it takes none at run time
    """A choice among rows that have a name."""

    def __init__(self, **options: Any) -> None:
        """The rows are set by the form, inside its clinic."""
        super().__init__(queryset=None, **{"empty_label": gettext_lazy("– none –"), **options})

    def label_from_instance(self, obj: Any) -> str:
        """The name."""
        return str(obj.name)
