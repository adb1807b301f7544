"""Whom may we write to, where, and who said so?"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.owned import ClinicOwned, SameClinicKey
from clinics.rls import SameClinic
from messaging.channels import CHANNEL_CHOICES


class Patient(ClinicOwned):
    """A person with appointments. Consents are columns, so that one row lock holds them all while a reminder begins."""

    #: The clinic's own identifier; the import recognises the patient by it.
    ref = models.CharField(_("reference"), max_length=80, null=True, blank=True)
    first_name = models.CharField(_("first name"), max_length=120)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    #: Empty means the clinic's language.
    language = models.CharField(_("language"), max_length=10, blank=True)
    #: A channel, `none`, or empty for the clinic's default.
    preferred_channel = models.CharField(_("preferred channel"), max_length=10, blank=True)
    default_notifications = models.BooleanField(_("default notifications"), default=False)
    consent_data_protection = models.BooleanField(_("data protection consent"), default=False)
    consent_marketing = models.BooleanField(_("marketing consent"), default=False)
    consent_email = models.BooleanField(_("consent to e-mail"), default=False)
    consent_sms = models.BooleanField(_("consent to SMS"), default=False)
    consent_whatsapp = models.BooleanField(_("consent to WhatsApp"), default=False)
    consent_voice = models.BooleanField(_("consent to voice calls"), default=False)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(fields=["clinic", "ref"], name="one_patient_a_ref")
        ]
        indexes = [models.Index(fields=["clinic", "last_name", "first_name"], name="patient_by_name")]


class LineType(models.TextChoices):
    """What kind of line a phone number is."""

    MOBILE = "mobile", _("mobile")
    FIXED = "fixed", _("landline")
    UNKNOWN = "unknown", _("unknown")


class Phone(ClinicOwned):
    """One of a patient's numbers, in the order given; as typed, and in E.164 where it could be read."""

    patient = SameClinicKey(Patient, models.CASCADE, related_name="phones")
    position = models.PositiveSmallIntegerField()
    as_typed = models.CharField(max_length=60)
    #: E.164, or empty when it is not a valid number.
    e164 = models.CharField(max_length=16, blank=True)
    line_type = models.CharField(max_length=8, choices=LineType.choices, default=LineType.UNKNOWN)
    use_for_reminders = models.BooleanField(default=False)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="patient", name="phone_same_clinic_patient"),
            models.UniqueConstraint(fields=["clinic", "patient", "position"], name="one_phone_a_position"),
            models.UniqueConstraint(
                fields=["clinic", "patient"],
                condition=models.Q(use_for_reminders=True),
                name="one_reminder_phone",
            ),
        ]


CONSENT_SUBJECTS = [
    ("data_protection", _("data protection")),
    ("marketing", _("marketing")),
    *CHANNEL_CHOICES,
]


class ConsentEvent(ClinicOwned):
    """A consent was given or withdrawn: who, when, how, with which wording. Rows are only added."""

    patient = SameClinicKey(Patient, models.CASCADE)
    subject = models.CharField(max_length=16, choices=CONSENT_SUBJECTS)
    given = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    how = models.CharField(max_length=20, help_text="page, import, reply …")
    wording = models.CharField(max_length=240, blank=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="patient", name="consent_event_same_clinic_patient")
        ]
        indexes = [models.Index(fields=["clinic", "patient", "-at"], name="consent_history")]
