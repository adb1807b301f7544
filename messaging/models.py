"""What was sent to which address, by which sender, and how did each attempt end? Attempts are the delivery log."""

import secrets

from django.db import models

from clinics.owned import ClinicOwned, SameClinicKey
from clinics.rls import SameClinic
from messaging.channels import CHANNEL_CHOICES
from messaging.outcomes import LIVE_STATES, AttemptState, FailureKind, Phase, Purpose
from messaging.secrets import seal, unseal


def new_token() -> str:
    """128 random bits as 32 hexadecimal characters: names a message or an attempt to the outside."""
    return secrets.token_hex(16)


class Sender(ClinicOwned):
    """How a clinic appears on one channel: its account at a provider. The secret is write-only outside this class."""

    channel = models.CharField(max_length=10, choices=CHANNEL_CHOICES)
    #: A key of settings.MESSAGING_PROVIDERS.
    provider = models.CharField(max_length=20)
    #: What the patient sees: an e-mail address, later a sender name or number.
    address = models.CharField(max_length=254)
    display_name = models.CharField(max_length=120, blank=True)
    host = models.CharField(max_length=253, blank=True)
    port = models.PositiveIntegerField(null=True, blank=True)
    #: starttls, ssl or none.
    security = models.CharField(max_length=10, default="starttls")
    username = models.CharField(max_length=254, blank=True)
    sealed_secret = models.TextField(blank=True)
    active = models.BooleanField(default=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(
                fields=["clinic", "channel"],
                condition=models.Q(active=True),
                name="one_active_sender_a_channel",
            )
        ]

    def set_secret(self, plain: str) -> None:
        """Seals the account's password for this row. Raises ValueError before the first save: the seal names its id."""
        if self.pk is None:
            raise ValueError("save the sender once before it gets its secret")
        self.sealed_secret = seal(plain, self._bound_to())

    def secret(self) -> str:
        """The account's password. Raises messaging.secrets.Unreadable."""
        return unseal(self.sealed_secret, self._bound_to()) if self.sealed_secret else ""

    def _bound_to(self) -> str:
        return f"messaging_sender|sealed_secret|{self.clinic_id}|{self.pk}"


class SenderState(ClinicOwned):
    """How a sender's account has been answering, in real time. A sender without a row has never failed.

    `messaging_note` in the database writes it as calls end, `messaging.sender_state` where a person or a drain acts.
    """

    sender = SameClinicKey(Sender, models.CASCADE, related_name="states")
    #: Failures in a row that speak against the account.
    failures = models.PositiveSmallIntegerField(db_default=0)
    #: A minute that begins with a failure: how many calls ended in it, and how many of them badly.
    window_from = models.DateTimeField(null=True)
    window_calls = models.PositiveIntegerField(db_default=0)
    window_failures = models.PositiveIntegerField(db_default=0)
    #: No call begins before this, and after it one, the probe. None: the account works.
    open_until = models.DateTimeField(null=True)
    #: How often in a row it was let be: each time for twice as long.
    opens = models.PositiveSmallIntegerField(db_default=0)
    since = models.DateTimeField(null=True)
    #: The attempt that tries whether the account works again.
    probe = models.BigIntegerField(null=True)
    #: Why it was let be: our word, and the vendor's.
    failure = models.CharField(max_length=20, blank=True, db_default="")
    code = models.CharField(max_length=20, blank=True, db_default="")
    detail = models.CharField(max_length=500, blank=True, db_default="")
    #: From when on the clinic's administrators are to be told (None: nothing to tell), and when they last were.
    alert_at = models.DateTimeField(null=True)
    alerted_at = models.DateTimeField(null=True)
    #: It works again, and what was held for it has not been looked at since.
    mended_at = models.DateTimeField(null=True)
    #: The pace: from when on the next call may begin, up to when those are spread that did not fit in, and what is left
    #: of the usual pace after the provider asked for less.
    next_free_at = models.DateTimeField(null=True)
    spread_until = models.DateTimeField(null=True)
    slowed = models.FloatField(db_default=1.0)
    slowed_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="sender", name="sender_state_same_clinic_sender"),
            models.UniqueConstraint(fields=["clinic", "sender"], name="one_state_a_sender"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(alert_at__isnull=False) | models.Q(mended_at__isnull=False),
                name="sender_state_news",
            ),
        ]


class Message(ClinicOwned):
    """One text to one address over one channel. Its attempts say what became of it."""

    #: Names the message outside: Message-ID <token@…>, the same on every retry.
    token = models.CharField(max_length=32, default=new_token, editable=False)
    channel = models.CharField(max_length=10, choices=CHANNEL_CHOICES)
    purpose = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Purpose])
    address = models.CharField(max_length=254)
    deadline = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(fields=["clinic", "token"], name="one_message_a_token")
        ]


class Attempt(ClinicOwned):
    """One provider call for a message: written before the call, completed after it, moved on by receipts.

    `began_at` and `ended_at` are by the shifted clock, for people; `called_at` is real time and is the mark that the
    call was about to start: an attempt without it was provably never sent.
    """

    message = SameClinicKey(Message, models.CASCADE, related_name="attempts")
    sender = SameClinicKey(Sender)
    token = models.CharField(max_length=32, default=new_token, editable=False)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in AttemptState])
    phase = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Phase], blank=True)
    failure = models.CharField(max_length=20, choices=[(k.value, k.value) for k in FailureKind], blank=True)
    #: The vendor's own words, kept beside ours.
    code = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    provider_ref = models.CharField(max_length=120, blank=True)
    body_hash = models.CharField(max_length=64, help_text="SHA-256 of subject and text, hexadecimal")
    #: How often the provider was asked what became of it, and how often it answered that it does not have it.
    looks = models.PositiveSmallIntegerField(default=0)
    absent_looks = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    #: Real time, for a message that was taken over and of which no end is reported: when its provider is asked next
    #: what became of it (None: not, or not any more), and when it last was.
    next_look_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="message", name="attempt_same_clinic_message"),
            SameClinic(field="sender", name="attempt_same_clinic_sender"),
            models.UniqueConstraint(fields=["clinic", "token"], name="one_attempt_a_token"),
            models.UniqueConstraint(fields=["clinic", "message", "number"], name="one_attempt_a_number"),
            models.UniqueConstraint(
                fields=["clinic", "message"],
                condition=models.Q(state__in=sorted(LIVE_STATES)),
                name="one_live_attempt_a_message",
            ),
        ]
        indexes = [
            models.Index(fields=["token"], name="attempt_by_token"),
            models.Index(
                fields=["next_look_at"],
                condition=models.Q(state=AttemptState.ACCEPTED, next_look_at__isnull=False),
                name="attempt_unheard",
            ),
        ]

    @property
    def no_receipt(self) -> bool:
        """Whether the provider was asked to the last, and never told what became of it."""
        return self.state == AttemptState.ACCEPTED and self.asked_at is not None and self.next_look_at is None


class AttemptText(ClinicOwned):
    """The words of an attempt, apart from the log, so that they can be dropped sooner than it."""

    attempt = SameClinicKey(Attempt, models.CASCADE, related_name="texts")
    subject = models.CharField(max_length=998, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="attempt", name="attempt_text_same_clinic_attempt"),
            models.UniqueConstraint(fields=["clinic", "attempt"], name="one_text_an_attempt"),
        ]


class _Said(ClinicOwned):
    """What a callback says, as its inboxes keep it. Times are real ones."""

    #: The provider's event; a repeated one is not stored again.
    event = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in AttemptState])
    failure = models.CharField(max_length=20, choices=[(k.value, k.value) for k in FailureKind], blank=True)
    code = models.CharField(max_length=20, blank=True)
    provider_ref = models.CharField(max_length=120, blank=True)
    received_at = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        abstract = True


class Receipt(_Said):
    """What a provider later says of an attempt: the inbox of its callbacks. Stored first, applied by the next drain."""

    attempt = SameClinicKey(Attempt, models.CASCADE, related_name="receipts")
    applied_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="attempt", name="receipt_same_clinic_attempt"),
            models.UniqueConstraint(fields=["clinic", "attempt", "event"], name="one_receipt_an_event"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(applied_at=None), name="receipt_to_apply"),
        ]


class Orphan(_Said):
    """What a provider says, rightly signed by the account of one of our senders, of a message that nobody here knows.

    Kept for a while, as a database that was set back may come to know it; then reported."""

    sender = SameClinicKey(Sender, models.CASCADE, related_name="orphans")
    #: Of the callback's address: an attempt that has it may come.
    token = models.CharField(max_length=32)
    reported_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="sender", name="orphan_same_clinic_sender"),
            models.UniqueConstraint(fields=["clinic", "token", "event"], name="one_orphan_an_event"),
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(reported_at=None), name="orphan_to_report"),
        ]
