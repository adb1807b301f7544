"""How is a patient shown? Name, number for reminders, consents, in the words of the page; masked where the role does
not read addresses."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from clinics.models import Clinic
from messaging.channels import Channel
from patients.models import LineType, Patient, Phone
from reminders.pages.masking import masked
from reminders.pages.words import CHANNEL, Words

#: The page's sentence for each consent; kept with the event as the wording where nobody typed another.
CONSENT_WORDS = {
    "data_protection": gettext_lazy("Agrees to the processing of personal data"),
    "marketing": gettext_lazy("Agrees to receive advertising (never needed for reminders)"),
    "email": gettext_lazy("Agrees to e-mail"),
    "sms": gettext_lazy("Agrees to SMS"),
    "whatsapp": gettext_lazy("Agrees to WhatsApp"),
    "voice": gettext_lazy("Agrees to voice calls"),
}
#: By which way the clinic learned of a consent.
HOW: dict[str, Words] = {
    "in_person": gettext_lazy("in person"),
    "phone": gettext_lazy("by phone"),
    "writing": gettext_lazy("in writing"),
    "page": gettext_lazy("entered on the page"),
    "import": gettext_lazy("from an import"),
    "reply": gettext_lazy("by a reply"),
}


@dataclass(frozen=True)
class Found:
    """A patient in a list."""

    id: int
    name: str
    ref: str
    phone: str
    email: str


def full_name(patient: Patient) -> str:
    """First and last name."""
    return f"{patient.first_name} {patient.last_name}".strip()


def found(patient: Patient, in_full: bool) -> Found:
    """The patient as a list shows him; `phones` must be prefetched."""
    phone = reminder_phone(list(patient.phones.all()))
    number = phone.e164 or phone.as_typed if phone else ""
    return Found(
        id=patient.pk,
        name=full_name(patient),
        ref=patient.ref or "",
        phone=number if in_full else masked(number),
        email=patient.email if in_full else masked(patient.email),
    )


def reminder_phone(phones: list[Phone]) -> Phone | None:
    """The number used for reminders."""
    return next((phone for phone in phones if phone.use_for_reminders), None)


def landline_warning(phones: list[Phone]) -> str:
    """What to know when the number for reminders takes no SMS; empty where all is well."""
    phone = reminder_phone(phones)
    if phone is None or phone.line_type != LineType.FIXED:
        return ""
    return _("The number used for reminders is a landline: SMS and WhatsApp do not reach it.")


def language_choices(clinic: Clinic) -> list[tuple[str, str]]:
    """The languages of the product by their own names; empty is the clinic's."""
    names = {code: get_language_info(code)["name_local"].capitalize() for code, _name in settings.LANGUAGES}
    same = _("As the clinic (%s)") % names.get(clinic.language, clinic.language)
    return [("", same), *names.items()]


def channel_choices(clinic: Clinic) -> list[tuple[str, str]]:
    """On which channel a patient wants to be reminded; empty is the clinic's default."""
    default = CHANNEL.get(Channel(clinic.default_channel), clinic.default_channel)
    return [
        ("", _("As the clinic (%s)") % default),
        *((channel.value, str(CHANNEL[channel])) for channel in Channel),
        ("none", _("On none: no reminders")),
    ]
