"""Which failures can be commanded, and what does each mean?

The kinds are the misbehaviours that real mail servers show at each step of a conversation, and those of Twilio's
Messages API: what it documents as errors, what a network does to a request, and how status callbacks go astray.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Moment(StrEnum):
    """The points at which a fault can strike. Faults of different moments go together."""

    CONNECT = "connect"  # the client is connected, the banner not yet sent
    AUTH = "auth"  # user name and password are known
    MAIL = "mail"  # MAIL FROM was said
    RCPT = "rcpt"  # RCPT TO was said
    DATA = "data"  # 354 was answered, the text is coming
    DOT = "dot"  # the final dot is here, nothing answered yet
    WAIT = "wait"  # also after the dot, beside a fault of DOT: the answer comes late
    QUIT = "quit"  # QUIT was said
    SMS = "sms"  # a request that asks for an SMS is read and in order, nothing answered yet
    SMS_WAIT = "sms-wait"  # beside a fault of SMS: the answer comes late
    SMS_FATE = "sms-fate"  # what becomes of a message that was taken
    SMS_LOOKUP = "sms-lookup"  # somebody asks for a message, or for the list of them
    CALLBACK_DELAY = "callback-delay"
    CALLBACK_COPIES = "callback-copies"
    CALLBACK_ORDER = "callback-order"
    CALLBACK_FIRST = "callback-first"
    CALLBACK_NONE = "callback-none"


class Behaviour(Enum):
    """What the server does when a fault strikes."""

    REPLY = auto()  # it answers with the kind's code
    DROP = auto()  # it tears the connection down without a word
    HANG = auto()  # it keeps the connection and says nothing
    LATE = auto()  # it answers as usual, later
    OTHER = auto()  # what the kind's words say; the answer is as usual


@dataclass(frozen=True)
class Kind:
    """One misbehaviour: when it strikes, what happens, and its words for the page."""

    moments: tuple[Moment, ...]
    behaviour: Behaviour
    words: str
    reply: str = ""  # SMTP's
    at_once: bool = False  # at DATA: before the text is asked for
    code: int = 0  # Twilio's error code of the answer
    taken: bool = False  # the SMS goes out, whatever is answered
    codes: tuple[int, ...] = ()  # of these one can be chosen; the first where none is

    @property
    def group(self) -> str:
        """The heading it stands under."""
        if self.moments[0].startswith("callback"):
            return "Status callbacks"
        return "SMS" if self.moments[0].startswith("sms") else "E-mail"


#: reply_421 also strikes a kept connection (at AUTH or MAIL): so does a real server that shuts down.
_MAIL: dict[str, Kind] = {
    "refuse_connect": Kind((Moment.CONNECT,), Behaviour.DROP, "Close the connection before the banner"),
    "silent_banner": Kind((Moment.CONNECT,), Behaviour.HANG, "Accept the connection and never greet"),
    "reply_421": Kind(
        (Moment.CONNECT, Moment.AUTH, Moment.MAIL),
        Behaviour.REPLY,
        "Say “service not available” (421) and close",
        "421 4.3.2 Service not available, closing the connection",
    ),
    "auth_535": Kind(
        (Moment.AUTH,),
        Behaviour.REPLY,
        "Refuse the password (535)",
        "535 5.7.8 Authentication credentials invalid",
    ),
    "drop_at_mail": Kind((Moment.MAIL,), Behaviour.DROP, "Drop the connection at MAIL"),
    "defer_rcpt": Kind(
        (Moment.RCPT,),
        Behaviour.REPLY,
        "Put the recipient off (450)",
        "450 4.2.0 Mailbox busy, try again later",
    ),
    "refuse_rcpt": Kind((Moment.RCPT,), Behaviour.REPLY, "Refuse the recipient (550)", "550 5.1.1 No such mailbox"),
    "drop_at_data": Kind((Moment.DATA,), Behaviour.DROP, "Drop the connection at DATA", at_once=True),
    "drop_mid_data": Kind((Moment.DATA,), Behaviour.DROP, "Drop the connection while the text is coming"),
    "defer_after_dot": Kind(
        (Moment.DOT,),
        Behaviour.REPLY,
        "Put the mail off after the final dot (451)",
        "451 4.3.0 Local error, try again later",
    ),
    "refuse_after_dot": Kind(
        (Moment.DOT,),
        Behaviour.REPLY,
        "Refuse the mail after the final dot (554)",
        "554 5.6.0 Message refused",
    ),
    "drop_after_dot": Kind((Moment.DOT,), Behaviour.DROP, "Keep the mail and drop without an answer"),
    "hang_after_dot": Kind((Moment.DOT,), Behaviour.HANG, "Keep the mail and never answer"),
    "drop_at_quit": Kind((Moment.QUIT,), Behaviour.DROP, "Drop the connection at QUIT"),
    "hang_at_quit": Kind((Moment.QUIT,), Behaviour.HANG, "Never answer QUIT"),
    "slow": Kind((Moment.WAIT,), Behaviour.LATE, "Answer the final dot late"),
}

_SMS: dict[str, Kind] = {
    "sms_429": Kind((Moment.SMS,), Behaviour.REPLY, "Too many requests (429): not sent", code=20429),
    "sms_500_sent": Kind(
        (Moment.SMS,), Behaviour.REPLY, "Answer 500, and send it all the same", code=20500, taken=True
    ),
    "sms_500_not_sent": Kind((Moment.SMS,), Behaviour.REPLY, "Answer 500 and do not send", code=20500),
    "sms_timeout_sent": Kind((Moment.SMS,), Behaviour.HANG, "Send it and never answer", taken=True),
    "sms_timeout_not_sent": Kind((Moment.SMS,), Behaviour.HANG, "Neither send nor answer"),
    "sms_reset_sent": Kind((Moment.SMS,), Behaviour.DROP, "Send it and reset the connection", taken=True),
    "sms_reset_not_sent": Kind((Moment.SMS,), Behaviour.DROP, "Reset the connection and do not send"),
    "sms_21211": Kind((Moment.SMS,), Behaviour.REPLY, "Refuse the number as invalid (21211)", code=21211),
    "sms_21614": Kind((Moment.SMS,), Behaviour.REPLY, "Refuse the number as no mobile (21614)", code=21614),
    "sms_21610": Kind((Moment.SMS,), Behaviour.REPLY, "The patient has said STOP (21610)", code=21610),
    "sms_21606": Kind((Moment.SMS,), Behaviour.REPLY, "Refuse the sender (21606)", code=21606),
    "sms_slow": Kind((Moment.SMS_WAIT,), Behaviour.LATE, "Answer late"),
    "sms_lookup_500": Kind((Moment.SMS_LOOKUP,), Behaviour.REPLY, "Neither list nor show messages (500)", code=20500),
    "sms_undelivered": Kind(
        (Moment.SMS_FATE,),
        Behaviour.OTHER,
        "Take it and fail to deliver it",
        codes=(30003, 30005, 30006, 30007, 30008, 30001, 30036),
    ),
}

_CALLBACKS: dict[str, Kind] = {
    "callback_delay": Kind((Moment.CALLBACK_DELAY,), Behaviour.LATE, "Callbacks come late"),
    "callback_duplicate": Kind((Moment.CALLBACK_COPIES,), Behaviour.OTHER, "Each callback comes twice"),
    "callback_disorder": Kind((Moment.CALLBACK_ORDER,), Behaviour.OTHER, "Callbacks come in a wrong order"),
    "callback_before_response": Kind(
        (Moment.CALLBACK_FIRST,), Behaviour.OTHER, "Callbacks come before the API's answer"
    ),
    "callback_none": Kind((Moment.CALLBACK_NONE,), Behaviour.OTHER, "No callbacks"),
}

KINDS: dict[str, Kind] = _MAIL | _SMS | _CALLBACKS

#: At these moments it is not yet known whom the message is for.
BEFORE_RECIPIENT = {Moment.CONNECT, Moment.AUTH, Moment.MAIL, Moment.SMS_LOOKUP}
