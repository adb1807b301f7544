"""Which rules does a demo clinic have? Written by the one writer of rules, as an administrator's own would be."""

from datetime import datetime, timedelta

from clinics.models import Clinic
from clinics.setting_log import Act
from messaging.channels import Channel
from reminders.demo.clinics import DemoClinic
from reminders.demo.moment import LEAD
from reminders.kinds import Kind, LatePolicy, TimingKind
from reminders.rule_check import Fallback
from reminders.rule_defaults import DEFAULT_STATUSES, ON_EVENT
from reminders.rule_writing import NewRule, write_rule
from reminders.timing import Timing

_DAYS, _ELAPSED = TimingKind.DAYS_BEFORE_SAME_TIME, TimingKind.BEFORE_ELAPSED
_ONE_DAY = LEAD // timedelta(minutes=1)


def make_rules(clinic: Clinic, demo: DemoClinic, moment: datetime) -> None:
    """A confirmation three days before and a reminder one day before by e-mail, one two hours before by SMS, and
    notices by e-mail, of which that of a booking is off. Inside `in_clinic`, in a clinic without rules."""
    for rule in (
        _rule(Kind.CONFIRMATION, Timing(_DAYS, 3), Channel.EMAIL),
        _rule(Kind.REMINDER, Timing(_ELAPSED, _ONE_DAY), Channel.EMAIL),
        _last_step(demo),
        _rule(Kind.BOOKING, ON_EVENT, Channel.EMAIL, active=False),
        _rule(Kind.CHANGE, ON_EVENT, Channel.EMAIL),
        _rule(Kind.CANCELLATION, ON_EVENT, Channel.EMAIL),
    ):
        write_rule(clinic, None, rule, Act(None, moment))


def _rule(kind: Kind, timing: Timing, channel: Channel, *, active: bool = True) -> NewRule:
    """What fell due before the demo began is skipped, as a clinic's former system has sent it."""
    return NewRule(kind, timing, channel, DEFAULT_STATUSES[kind], LatePolicy.SKIP, active)


def _last_step(demo: DemoClinic) -> NewRule:
    return NewRule(
        kind=Kind.REMINDER,
        timing=Timing(_ELAPSED, 120),
        channel=Channel.SMS,
        statuses=DEFAULT_STATUSES[Kind.REMINDER],
        late_policy=LatePolicy.SKIP,
        active=True,
        stop_when_confirmed=demo.stops_when_confirmed,
        fallback=Fallback(Channel.EMAIL, minutes=30) if demo.sms_falls_back else None,
    )
