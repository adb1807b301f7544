"""When, whether and with which words? Rules, wordings, and the reminders that they make."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment
from clinics.models import Practitioner
from clinics.owned import ClinicOwned, SameClinicKey
from clinics.rls import SameClinic
from messaging.channels import CHANNEL_CHOICES
from messaging.models import Message
from messaging.outcomes import FailureKind
from patients.models import Patient
from reminders.kinds import IN_FLIGHT_STATES, OPEN_STATES, Kind, LatePolicy, Origin, Route, State, TimingKind


class Rule(ClinicOwned):
    """One step of a clinic's reminding."""

    kind = models.CharField(_("kind"), max_length=14, choices=[(k.value, k.value) for k in Kind])
    timing = models.CharField(_("timing"), max_length=16, choices=[(t.value, t.value) for t in TimingKind])
    #: Minutes for `before_elapsed`, 0 for `on_event`, days otherwise.
    amount = models.PositiveIntegerField(_("how long before"))
    working_days = models.BooleanField(_("count working days only"), default=False)
    at_time = models.TimeField(_("at"), null=True, blank=True)
    #: Empty means the patient's preferred channel.
    channel = models.CharField(_("channel"), max_length=10, choices=CHANNEL_CHOICES, blank=True)
    #: The statuses for which it applies.
    statuses = models.JSONField(default=list)
    late_policy = models.CharField(
        max_length=14, choices=[(p.value, p.value) for p in LatePolicy], default=LatePolicy.NEXT_ALLOWED
    )
    #: The practitioners, places and types (ids) for whose appointments it applies; empty means all.
    practitioners = models.JSONField(default=list, blank=True)
    locations = models.JSONField(default=list, blank=True)
    types = models.JSONField(default=list, blank=True)
    stop_when_confirmed = models.BooleanField(_("stop once the patient has confirmed"), default=False)
    #: The channel that opens when the rule's own fails; empty means none.
    fallback_channel = models.CharField(max_length=10, choices=CHANNEL_CHOICES, blank=True)
    #: Minutes without a delivery after which the fallback opens too; None means only on failure.
    fallback_minutes = models.PositiveIntegerField(null=True, blank=True)
    fallback_on_uncertain = models.BooleanField(default=False)
    active = models.BooleanField(_("active"), default=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0) | models.Q(timing=TimingKind.ON_EVENT), name="rule_before_the_start"
            )
        ]


class PackageSwitch(ClinicOwned):
    """A practitioner's own package of messages: one kind on or off. No row means on."""

    practitioner = SameClinicKey(Practitioner, models.CASCADE)
    kind = models.CharField(max_length=14, choices=[(k.value, k.value) for k in Kind])
    on = models.BooleanField()

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="practitioner", name="package_switch_same_clinic_practitioner"),
            models.UniqueConstraint(fields=["clinic", "practitioner", "kind"], name="one_switch_a_kind"),
        ]


class Template(ClinicOwned):
    """The wording for a kind, channel and language; its newest version is in force."""

    kind = models.CharField(max_length=14, choices=[(k.value, k.value) for k in Kind])
    channel = models.CharField(max_length=10, choices=CHANNEL_CHOICES)
    language = models.CharField(max_length=10)
    #: The version in force.
    version = models.PositiveIntegerField(default=0)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(fields=["clinic", "kind", "channel", "language"], name="one_template_a_wording")
        ]


class TemplateVersion(ClinicOwned):
    """One version of a wording. Never changed, never deleted: each attempt can be explained by it."""

    template = SameClinicKey(Template, models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="template", name="template_version_same_clinic_template"),
            models.UniqueConstraint(fields=["clinic", "template", "version"], name="one_version_a_number"),
        ]


class Reminder(ClinicOwned):
    """One intended message. It exists from the booking on and ends in a named state."""

    appointment = SameClinicKey(Appointment, related_name="reminders")
    #: None for one made by hand without a rule.
    rule = SameClinicKey(Rule, null=True)
    #: o<occurrence> for timed rules, c<revision> for notices, h<form token> by hand without a rule.
    trigger = models.CharField(max_length=40)
    route = models.CharField(max_length=8, choices=[(r.value, r.value) for r in Route], default=Route.PRIMARY)
    #: Rises with re-arm and resend.
    round = models.PositiveSmallIntegerField(default=1)
    origin = models.CharField(max_length=9, choices=[(o.value, o.value) for o in Origin], default=Origin.AUTOMATIC)
    kind = models.CharField(max_length=14, choices=[(k.value, k.value) for k in Kind])
    channel = models.CharField(max_length=10, choices=CHANNEL_CHOICES)
    occurrence = models.PositiveIntegerField()
    #: What it counts from where no lead before the start does: the answer that a notice goes, the moment at which a
    #: fallback opened, or at which a person said "send now". None for a rule's own time.
    event_at = models.DateTimeField(null=True)
    #: Who said "send now".
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")
    state = models.CharField(max_length=11, choices=[(s.value, s.value) for s in State], default=State.PLANNED)
    #: By the shifted clock: when the plan made it (or saw a change put its moment into the past, from which on it is
    #: late), when it is due (a cache: the decision counts again), when too late.
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    deadline = models.DateTimeField()
    #: When a drain looks at it next: the due moment, or the next try.
    look_at = models.DateTimeField()
    #: Rises with every claim; a write by an older claim is refused.
    epoch = models.PositiveIntegerField(default=0)
    #: Real time: until when the claim, or the wait for evidence, holds.
    lease_until = models.DateTimeField(null=True)
    message = SameClinicKey(Message, null=True)
    #: Of one in `sending`: its call is over, and nobody knows yet how it ended. No worker has it in hand any more.
    awaits_evidence = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    #: How often it could not be looked at at all; `reminders.poison` counts.
    strikes = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=20, choices=[(k.value, k.value) for k in FailureKind], blank=True)
    #: Until when a delivery is waited for before the fallback opens; None where none is waited for.
    fallback_at = models.DateTimeField(null=True)
    #: What its text says of the appointment, as `reminders.told` reads it; empty until it has begun.
    says = models.JSONField(default=dict)
    #: The gates as they were seen when it ended or began: [[code, passed, value], …].
    gates = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="appointment", name="reminder_same_clinic_appointment"),
            SameClinic(field="rule", name="reminder_same_clinic_rule"),
            SameClinic(field="message", name="reminder_same_clinic_message"),
            models.UniqueConstraint(
                fields=["clinic", "appointment", "rule", "trigger", "route", "round"],
                nulls_distinct=False,
                name="one_reminder_a_trigger",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "look_at", "id"],
                condition=models.Q(state__in=sorted(OPEN_STATES)),
                name="reminder_to_look_at",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=sorted(IN_FLIGHT_STATES)),
                name="reminder_in_flight",
            ),
            models.Index(fields=["clinic", "-due_at", "-id"], name="reminder_log"),
            models.Index(fields=["clinic", "state", "-due_at", "-id"], name="reminder_log_by_state"),
            models.Index(
                fields=["clinic", "message"], condition=models.Q(message__isnull=False), name="reminder_of_message"
            ),
            models.Index(fields=["by"], condition=models.Q(by__isnull=False), name="reminder_by"),
            models.Index(
                fields=["fallback_at"], condition=models.Q(fallback_at__isnull=False), name="reminder_fallback_waits"
            ),
        ]


class Told(ClinicOwned):
    """What the patient was last told of an appointment: what was agreed when it was booked, then what went out."""

    appointment = SameClinicKey(Appointment, models.CASCADE)
    #: As `reminders.told` reads it.
    facts = models.JSONField()
    at = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="appointment", name="told_same_clinic_appointment"),
            models.UniqueConstraint(fields=["clinic", "appointment"], name="one_told_an_appointment"),
        ]


class RecentSends(ClinicOwned):
    """When the last messages to a patient over a channel began: one row that the runaway guard looks at and locks."""

    patient = SameClinicKey(Patient, models.CASCADE)
    channel = models.CharField(max_length=10, choices=CHANNEL_CHOICES)
    #: [[reminder, when it last began by the shifted clock, as ISO 8601], …], the oldest first; see `reminders.recent`.
    begun = models.JSONField(default=list)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="patient", name="recent_sends_same_clinic_patient"),
            models.UniqueConstraint(fields=["clinic", "patient", "channel"], name="one_recent_sends_a_channel"),
        ]


class PlanStamp(ClinicOwned):
    """When the plan of all a clinic's appointments to come was last asked for again, how many they were, and how far
    `reminders.walk` has come with it. A row for each part of them, so that several workers walk side by side."""

    #: Of the appointments whose id leaves this rest.
    part = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    total = models.PositiveIntegerField()
    walked = models.PositiveIntegerField(default=0)
    #: The appointment that was met last, in the order of starts and ids.
    reached_start = models.DateTimeField()
    reached_id = models.BigIntegerField(default=0)
    #: Appointments that were passed over, as somebody else held them; met again.
    left = models.JSONField(default=list)
    done = models.BooleanField(default=False)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(fields=["clinic", "part"], name="one_stamp_a_part")
        ]
        indexes = [models.Index(fields=["asked_at"], condition=models.Q(done=False), name="plan_walked_again")]


class ClinicLoad(ClinicOwned):
    """How much of a clinic's is in workers' hands, and when it was served last; the claim goes by it. A row for each
    clinic, made and counted by triggers (migration 0011): exact, whoever changes a reminder."""

    #: Reminders that are claimed, or sending and not waiting for evidence.
    in_flight = models.PositiveIntegerField(default=0)
    #: Real time of its last claim; of a new clinic, when it was made.
    last_served = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(fields=["clinic"], name="one_load_a_clinic")
        ]


class Heartbeat(models.Model):
    """When a part of the machinery last did its work, in real time. Belongs to no clinic."""

    part = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()
