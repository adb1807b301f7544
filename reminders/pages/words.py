"""What do staff read? Our codes (states, failures, phases, owners) in the words of the clinic."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from messaging.channels import Channel
from messaging.models import Attempt
from messaging.outcomes import AttemptState, FailureKind, Owner, Phase
from reminders.gates import Who
from reminders.kinds import Kind, Origin, State

Words = str | Promise


@dataclass(frozen=True)
class StaffWord:
    """One of the four words that staff read of a reminder. `tone` names its colour and border, `icon` its shape."""

    code: str
    word: Words
    icon: str


SENT = StaffWord("sent", pgettext_lazy("reminder state", "Sent"), "check-circle-fill")
PENDING = StaffWord("pending", pgettext_lazy("reminder state", "Pending"), "clock")
ERROR = StaffWord("error", pgettext_lazy("reminder state", "Error"), "exclamation-octagon-fill")
UNSENT = StaffWord("unsent", pgettext_lazy("reminder state", "Not sent"), "slash-circle")
STAFF_WORDS = (SENT, PENDING, ERROR, UNSENT)

#: The state behind each word, exactly one for each state.
WORD_OF: dict[State, StaffWord] = {
    State.PLANNED: PENDING,
    State.CLAIMED: PENDING,
    State.SENDING: PENDING,
    State.HELD: PENDING,
    State.HANDED_OVER: SENT,
    State.FAILED: ERROR,
    State.EXPIRED: ERROR,
    State.UNCERTAIN: ERROR,
    State.SKIPPED: UNSENT,
    State.CANCELLED: UNSENT,
    State.SUPERSEDED: UNSENT,
}

#: What each state means, as a sentence that names its evidence.
STATE_SENTENCE: dict[State, Words] = {
    State.PLANNED: _("It waits for its moment."),
    State.CLAIMED: _("It is being decided and sent right now."),
    State.SENDING: _("It is being sent right now, or waits for the provider's answer."),
    State.HELD: _("It is held back until sending goes on."),
    State.HANDED_OVER: _("The provider took it over. That is not yet proof of delivery."),
    State.FAILED: _("It could not be sent."),
    State.EXPIRED: _("It could not be sent in time, and later it would have been of no use."),
    State.UNCERTAIN: _(
        "The connection broke at the last moment: it may or may not have arrived. It is never sent again by itself."
    ),
    State.SKIPPED: _("At its moment it was not allowed to go."),
    State.CANCELLED: _("The appointment or its rule no longer asks for it."),
    State.SUPERSEDED: _("A newer reminder took its place."),
}

CHANNEL: dict[Channel, Words] = {
    Channel.EMAIL: _("E-mail"),
    Channel.SMS: _("SMS"),
    Channel.WHATSAPP: _("WhatsApp"),
    Channel.VOICE: _("Voice call"),
}
CHANNEL_ICON = {
    Channel.EMAIL: "envelope",
    Channel.SMS: "chat-left-text",
    Channel.WHATSAPP: "whatsapp",
    Channel.VOICE: "telephone",
}

KIND: dict[Kind, Words] = {
    Kind.REMINDER: pgettext_lazy("message kind", "Reminder"),
    Kind.CONFIRMATION: pgettext_lazy("message kind", "Confirmation request"),
    Kind.BOOKING: pgettext_lazy("message kind", "Notice of the booking"),
    Kind.CHANGE: pgettext_lazy("message kind", "Notice of a change"),
    Kind.CANCELLATION: pgettext_lazy("message kind", "Notice of the cancellation"),
}
#: What a chip adds to its channel; nothing for the usual kind.
KIND_NOTE: dict[Kind, Words] = {
    Kind.REMINDER: "",
    Kind.CONFIRMATION: pgettext_lazy("short", "Confirmation"),
    Kind.BOOKING: pgettext_lazy("short", "Booking"),
    Kind.CHANGE: pgettext_lazy("short", "Change"),
    Kind.CANCELLATION: pgettext_lazy("short", "Cancellation"),
}

ORIGIN: dict[Origin, Words] = {
    Origin.AUTOMATIC: _("automatically, by a rule"),
    Origin.MANUAL: _("by hand, from the appointment"),
    Origin.BULK: _("by hand, from the list"),
}

ATTEMPT: dict[AttemptState, Words] = {
    AttemptState.SENDING: _("Under way"),
    AttemptState.ACCEPTED: _("Handed over to the provider"),
    AttemptState.DELIVERED: _("Delivered, as the provider reports"),
    AttemptState.READ: _("Read, as the provider reports"),
    AttemptState.FAILED: _("Failed"),
    AttemptState.UNKNOWN: _("Unknown: it may have been sent"),
}

#: Of one that was handed over, when its provider was asked to the last and never said what became of it.
NO_RECEIPT: Words = _("Handed over; the provider never reported what became of it")


def attempt_words(attempt: Attempt) -> Words:
    """Where an attempt stands."""
    return NO_RECEIPT if attempt.no_receipt else ATTEMPT[AttemptState(attempt.state)]


OWNER: dict[Owner, Words] = {
    Owner.CLINIC: _("A setting of the clinic"),
    Owner.PLATFORM: _("Our platform"),
    Owner.PROVIDER: _("The clinic's provider"),
    Owner.MAILBOX: _("The patient's mailbox or carrier"),
    Owner.PATIENT: _("The patient's own choice"),
}

PHASE: dict[Phase, Words] = {
    Phase.BEGUN: _("before the call"),
    Phase.CONNECT: _("while connecting"),
    Phase.TLS: _("while agreeing on encryption"),
    Phase.AUTH: _("while logging in"),
    Phase.MAIL: _("while naming the sender"),
    Phase.RCPT: _("while naming the recipient"),
    Phase.DATA: _("while handing over the text"),
    Phase.DOT: _("after the end of the text, before the answer"),
    Phase.REPLY: _("in the provider's answer"),
}

#: Each failure: what happened, and what to do next.
FAILURE: dict[FailureKind, tuple[Words, Words]] = {
    FailureKind.NEVER_CALLED: (
        _("Sending was interrupted before it began."),
        _("Nothing to do: it is tried again by itself."),
    ),
    FailureKind.UNREACHABLE: (
        _("The clinic's provider could not be reached."),
        _("It is tried again by itself. If it lasts, ask the provider, and check the account in the settings."),
    ),
    FailureKind.TLS_FAILED: (
        _("No safe connection to the clinic's mail server was possible."),
        _("An administrator checks the security setting of the e-mail account, or asks the provider."),
    ),
    FailureKind.AUTH_REFUSED: (
        _("The mail server refused the clinic's user name or password."),
        _("An administrator enters the password of the e-mail account again; some providers ask for an app password."),
    ),
    FailureKind.SENDER_REFUSED: (
        _("The mail server does not send for the clinic's address."),
        _("An administrator checks that the sender's address belongs to the e-mail account."),
    ),
    FailureKind.TARGET_REFUSED: (
        _("The mail server's address is not one that may be called."),
        _("An administrator checks the server's name in the e-mail account."),
    ),
    FailureKind.DEFERRED: (
        _("The patient's mail server asked to try later, or the mailbox is full for now."),
        _("It is tried again by itself. If the appointment is near, call the patient."),
    ),
    FailureKind.ADDRESS_REFUSED: (
        _("The patient's mailbox does not exist or is switched off."),
        _("Ask the patient for another address."),
    ),
    FailureKind.CONTENT_REFUSED: (
        _("The patient's mail server refused the text."),
        _("Call the patient; an administrator looks at the wording."),
    ),
    FailureKind.PLATFORM_FAULT: (
        _("A fault of Avisa kept it from being sent."),
        _("We look into it. If the appointment is near, call the patient."),
    ),
    FailureKind.RATE_LIMITED: (
        _("The provider takes no more messages of this sender for the moment."),
        _("It is tried again by itself."),
    ),
    FailureKind.OPTED_OUT: (
        _("The patient has answered STOP to this sender."),
        _("Reach the patient another way; only the patient can take it back, by answering START."),
    ),
    FailureKind.TOO_LATE: (
        _("Too little time was left for it to arrive while it is of use."),
        _("Call the patient."),
    ),
    FailureKind.NOT_FOUND_THERE: (
        _("The connection was cut; asked afterwards, the provider did not have the message."),
        _("It is tried again by itself."),
    ),
    FailureKind.UNREACHABLE_PHONE: (
        _("The patient's phone was switched off or had no signal."),
        _("Call the patient later."),
    ),
    FailureKind.FILTERED: (
        _("The patient's carrier did not carry the message."),
        _("Ask the patient for another way to be reached."),
    ),
    FailureKind.UNDELIVERED: (
        _("The patient's carrier did not deliver the message and does not say why."),
        _("Ask the patient for another number."),
    ),
}

WHO: dict[Who, Words] = {
    Who.RECEPTION: _("Reception"),
    Who.ADMIN: _("Administrator"),
    Who.OWNER: _("The clinic's owner"),
    Who.NOBODY: "",
}
