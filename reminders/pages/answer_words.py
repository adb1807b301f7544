"""What does an answer say in words? The step, what becomes of it, and what can be done. The same on pages and in the
text of `manage.py explain`; no name of a patient, no address."""

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext as _

from clinics.pages.tags import moment
from messaging.channels import Channel
from messaging.outcomes import FAILURES, FailureKind
from reminders.answer import Answer, Standing
from reminders.causes import causes_of
from reminders.conditions import Gate
from reminders.gates import CATALOGUE, Who
from reminders.kinds import NOTICES, Kind, Origin, Route, State, TimingKind
from reminders.pages.chips import retrying
from reminders.pages.rule_words import timing_in_words
from reminders.pages.words import CHANNEL, FAILURE, KIND, OWNER, STATE_SENTENCE
from reminders.timing import Timing

#: The gates that took it back, or put another in its place.
_GONE = defaultdict(
    frozenset,
    {
        State.CANCELLED: frozenset(
            {"cancelled", "deleted", "rule_inactive", "rule_filter_mismatch", "notice_declined", "status_not_eligible"}
        ),
        State.SUPERSEDED: frozenset({"moved", "nearer_step", "newer_notice"}),
    },
)
#: Ended without having reached the patient, as far as anybody knows.
MISSED = frozenset({State.SKIPPED, State.FAILED, State.EXPIRED, State.UNCERTAIN})


def step_words(answer: Answer) -> str:
    """The rule's step, or what it is otherwise: "24 hours before", "Notice of a change", "By hand"."""
    rule, reminder = answer.rule, answer.reminder
    if rule is None:
        return _("By hand")
    if Kind(rule.kind) in NOTICES:
        step = str(KIND[Kind(rule.kind)])
    else:
        step = timing_in_words(Timing(TimingKind(rule.timing), rule.amount, rule.at_time, rule.working_days))
    if reminder.route == Route.FALLBACK:
        return _("%(step)s, second channel") % {"step": step}
    return step if reminder.origin == Origin.AUTOMATIC else _("%(step)s, by hand") % {"step": step}


def sentence(answer: Answer, delivered: bool) -> str:
    """What becomes of it, or became."""
    by_standing = {
        Standing.TO_COME: _to_come,
        Standing.ENDED: lambda one: _ended(one, delivered),
        Standing.UNDER_WAY: lambda one: str(STATE_SENTENCE[State(one.reminder.state)]),
        Standing.NOT_PLANNED: lambda one: _("By this rule nothing goes for this appointment."),
        Standing.STANDS_BY: _stands_by,
        Standing.NOT_ASKED: _not_asked,
    }
    return by_standing[answer.standing](answer)


def _what(answer: Answer) -> dict[str, str]:
    reminder = answer.reminder
    return {"what": f"{CHANNEL[Channel(reminder.channel)]} · {KIND[Kind(reminder.kind)]}"}


def _to_come(answer: Answer) -> str:
    if answer.goes_at is None:
        return _("%(what)s will not go as things stand.") % _what(answer)
    goes = _("%(what)s will go on %(moment)s.") % {**_what(answer), "moment": moment(answer.goes_at)}
    return f"{retrying(answer.reminder)} {goes}".strip() if answer.reminder.tries else goes


def _ended(answer: Answer, delivered: bool) -> str:
    reminder, state = answer.reminder, State(answer.reminder.state)
    if state is State.HANDED_OVER:
        at = moment(reminder.handed_over_at or reminder.due_at)
        went = _("%(what)s went on %(moment)s.") % {**_what(answer), "moment": at}
        proof = _("The provider reports that it arrived.") if delivered else STATE_SENTENCE[state]
        return f"{went} {proof}"
    if state in (State.FAILED, State.EXPIRED) and reminder.failure:
        kind = FailureKind(reminder.failure)
        cause, step = FAILURE[kind]
        whose = f"{_('Whose matter:')} {OWNER[FAILURES[kind].owner]}."
        return f"{STATE_SENTENCE[state]} {cause} {step} {whose}"
    gone = next((gate for gate in answer.seen if gate.passed is False and gate.code in _GONE[state]), None)
    if state is State.SUPERSEDED and gone is None:
        if reminder.route == Route.FALLBACK:
            return _("The first channel reached the patient after all.")
        return _("Of several steps whose moment had passed only the one nearest the appointment counts.")
    return f"{STATE_SENTENCE[state]} {CATALOGUE[gone.code].failed}" if gone else str(STATE_SENTENCE[state])


def _stands_by(answer: Answer) -> str:
    stands = _("It goes only if the rule's own channel does not reach the patient.")
    can = answer.foresight is not None and answer.foresight.goes_at is not None
    return stands if can else f"{stands} {_('As things stand it could not go then either.')}"


def _not_asked(answer: Answer) -> str:
    return {
        Kind.BOOKING: _("It goes only if staff say so when they book; nobody did."),
        Kind.CHANGE: _("It goes only if staff say so when they change the appointment; nobody did."),
        Kind.CANCELLATION: _("It goes only if staff say so when they cancel the appointment; nobody did."),
    }[Kind(answer.reminder.kind)]


def deciding_gates(answer: Answer) -> tuple[Gate, ...]:
    """The gates that decide, or decided: once it has ended those seen then, before that those of the moment to come."""
    if answer.standing in (Standing.ENDED, Standing.UNDER_WAY) and answer.seen:
        return answer.seen
    if answer.foresight is not None:
        return answer.foresight.decision.gates
    return answer.now.gates if answer.now else ()


def mended_at(answer: Answer) -> datetime | None:
    """When it would go if it were mended now; None where it goes anyway, where that is too late, or where one of the
    causes is nobody's to mend."""
    if answer.foresight is None or answer.goes_at is not None or answer.standing is Standing.STANDS_BY:
        return None
    causes = causes_of(answer.foresight.decision.gates)
    mendable = causes and all(CATALOGUE[code].who is not Who.NOBODY for code in causes)
    return answer.foresight.mended_at if mendable else None


def advice(answer: Answer, now: datetime) -> str:
    """What follows if it is mended now, or that it is too late; empty where nothing is amiss."""
    at = mended_at(answer)
    if at is not None and answer.foresight is not None:
        several = len(causes_of(answer.foresight.decision.gates)) > 1
        if at <= now:
            one, all_of_it = (
                _("If this is mended now, it goes at once."),
                _("If all of it is mended now, it goes at once."),
            )
            return all_of_it if several else one
        one = _("If this is mended now, it goes on %(moment)s.")
        all_of_it = _("If all of it is mended now, it goes on %(moment)s.")
        return (all_of_it if several else one) % {"moment": moment(at)}
    if is_missed(answer):
        return _("By itself it does not go any more.")
    if answer.standing is Standing.TO_COME and answer.goes_at is None:
        return _("If sending goes on in time, it goes by itself.")
    return ""


def is_missed(answer: Answer) -> bool:
    """It did not go, or will not, and mending does not help it any more. The end of a pause would."""
    if answer.standing is Standing.TO_COME and answer.goes_at is None and answer.foresight is not None:
        return mended_at(answer) is None and "paused" not in causes_of(answer.foresight.decision.gates)
    return answer.standing is Standing.ENDED and State(answer.reminder.state) in MISSED
