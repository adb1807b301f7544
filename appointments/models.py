"""What is reminded of? Appointments, and what staff say about their reminding."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import Location, Practitioner
from clinics.owned import ClinicOwned, SameClinicKey
from clinics.rls import SameClinic
from messaging.channels import CHANNEL_CHOICES
from patients.models import Patient


class AppointmentType(ClinicOwned):
    """A kind of visit."""

    name = models.CharField(_("name"), max_length=120)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=30)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(fields=["clinic", "name"], name="one_type_a_name")
        ]


class Status(models.TextChoices):
    """Where an appointment stands. Deleted is a flag of its own, so that the trace stays."""

    REQUESTED = "requested", _("Requested")
    SCHEDULED = "scheduled", _("Scheduled")
    CONFIRMED = "confirmed", _("Confirmed")
    ARRIVED = "arrived", _("Arrived")
    COMPLETED = "completed", _("Completed")
    NO_SHOW = "no_show", _("No-show")
    CANCELLED = "cancelled", _("Cancelled")


class Appointment(ClinicOwned):
    """A patient's visit.

    `revision` rises with every change, `occurrence` with every change of the start (a trigger in the database raises
    them where the writer has not, so shell and raw SQL count alike); `planned_revision` is the revision that the plan
    of reminders has seen. Where they differ, the plan is behind, and the drain brings it up to date.
    """

    #: The clinic's own identifier; the import recognises the appointment by it.
    ref = models.CharField(_("reference"), max_length=80, null=True, blank=True)
    patient = SameClinicKey(Patient, null=True, blank=True)
    practitioner = SameClinicKey(Practitioner, null=True, blank=True)
    location = SameClinicKey(Location, null=True, blank=True)
    type = SameClinicKey(AppointmentType, null=True, blank=True)
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    deleted = models.BooleanField(default=False)
    meeting_link = models.URLField(blank=True)
    access_code = models.CharField(max_length=40, blank=True)
    booked_at = models.DateTimeField(_("booked at"))
    #: When the start was last set; the grace period counts from here.
    start_set_at = models.DateTimeField()
    occurrence = models.PositiveIntegerField(default=1)
    #: The highest occurrence so far: numbers never fall, also when a move is undone.
    occurrence_counter = models.PositiveIntegerField(default=1)
    #: What the last move left: a way back to it within the grace finds its occurrence again. The trigger keeps them.
    former_start = models.DateTimeField(null=True)
    former_occurrence = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField(default=1)
    planned_revision = models.PositiveIntegerField(default=0)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="patient", name="appointment_same_clinic_patient"),
            SameClinic(field="practitioner", name="appointment_same_clinic_practitioner"),
            SameClinic(field="location", name="appointment_same_clinic_location"),
            SameClinic(field="type", name="appointment_same_clinic_type"),
            models.UniqueConstraint(fields=["clinic", "ref"], name="one_appointment_a_ref"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="appointment_ends_after_start"),
        ]
        indexes = [
            models.Index(fields=["clinic", "start"], name="appointment_agenda"),
            models.Index(fields=["clinic", "patient", "start"], name="appointment_of_patient"),
            models.Index(
                fields=["clinic", "id"],
                condition=~models.Q(revision=models.F("planned_revision")),
                name="appointment_plan_behind",
            ),
        ]


class Block(ClinicOwned):
    """A practitioner's unavailable time. Never reminds."""

    ref = models.CharField(max_length=80, null=True, blank=True)
    practitioner = SameClinicKey(Practitioner)
    location = SameClinicKey(Location, null=True, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    note = models.CharField(max_length=120, blank=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="practitioner", name="block_same_clinic_practitioner"),
            SameClinic(field="location", name="block_same_clinic_location"),
            models.UniqueConstraint(fields=["clinic", "ref"], name="one_block_a_ref"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="block_ends_after_start"),
        ]
        indexes = [models.Index(fields=["clinic", "start"], name="block_agenda")]


class ChannelFlag(ClinicOwned):
    """Reminders over this channel wanted or not, for one appointment. No row means wanted. Survives a move.

    It keeps who said so last, and when; both empty where no person did."""

    appointment = SameClinicKey(Appointment, models.CASCADE, related_name="channel_flags")
    channel = models.CharField(max_length=10, choices=CHANNEL_CHOICES)
    wanted = models.BooleanField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="appointment", name="channel_flag_same_clinic_appointment"),
            models.UniqueConstraint(fields=["clinic", "appointment", "channel"], name="one_flag_a_channel"),
        ]


class RemindedElsewhere(ClinicOwned):
    """Staff reminded the patient outside the product. Belongs to an occurrence: a moved appointment is open again."""

    class How(models.TextChoices):
        """By which way staff reached the patient."""

        PHONE = "phone", _("by phone")
        IN_PERSON = "in_person", _("in person")
        OTHER = "other", _("another way")

    appointment = SameClinicKey(Appointment, models.CASCADE, related_name="marks")
    occurrence = models.PositiveIntegerField()
    #: Empty means all channels.
    channel = models.CharField(max_length=10, choices=CHANNEL_CHOICES, blank=True)
    how = models.CharField(max_length=10, choices=How.choices)
    note = models.CharField(max_length=240, blank=True)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    marked_at = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="appointment", name="mark_same_clinic_appointment"),
            models.UniqueConstraint(
                fields=["clinic", "appointment", "occurrence", "channel"], name="one_mark_a_channel"
            ),
        ]


class NoticeAnswer(ClinicOwned):
    """Staff were asked "tell the patient?" when they booked, changed or cancelled; the newest answer counts.

    Rows are only added. `revision` is the appointment's after the change that was asked about."""

    class Event(models.TextChoices):
        """What happened to the appointment. The names are those of the notices' kinds."""

        BOOKING = "booking", _("booked")
        CHANGE = "change", _("changed")
        CANCELLATION = "cancellation", _("cancelled")

    appointment = SameClinicKey(Appointment, models.CASCADE, related_name="notice_answers")
    revision = models.PositiveIntegerField()
    event = models.CharField(max_length=14, choices=Event.choices)
    notify = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    #: By the shifted clock; the grace before the notice counts from here.
    at = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="appointment", name="notice_answer_same_clinic_appointment"),
            models.UniqueConstraint(fields=["clinic", "appointment", "revision"], name="one_answer_a_revision"),
        ]
