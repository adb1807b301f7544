"""When does a rule's fallback open? When its own channel cannot reach the patient, never because a person chose so.

It opens where the primary failed or was undelivered, was closed as expired (early enough to leave time), has no usable
address or sender, or, where the provider reports deliveries, has none after the rule's time. Its due moment is then,
its gates are its own. Inside `in_clinic`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from clinics.fetch import fetch
from clinics.models import Clinic
from clinics.rows import update_rows
from messaging.models import Attempt
from messaging.outcomes import FailureKind
from messaging.providers import provider
from reminders.decision import Decision, Verdict
from reminders.kinds import OPEN_STATES, Route, State
from reminders.material import Material, gather
from reminders.models import Reminder, Rule
from reminders.plan import place

#: Closed gates that say that the channel cannot reach the patient. Everything else is somebody's choice.
_NO_WAY_THERE = frozenset({"no_address", "address_invalid", "landline", "sender_not_configured"})
#: States in which a primary has ended without reaching the patient, or perhaps without.
_ENDED = frozenset({State.FAILED, State.EXPIRED, State.SKIPPED, State.UNCERTAIN})


def open_after(reminders: Iterable[Reminder], now: datetime) -> int:
    """Opens the fallbacks of those among these reminders that ended without reaching the patient; gives how many."""
    ended = [one for one in reminders if one.route == Route.PRIMARY and one.rule_id and one.state in _ENDED]
    rules = Rule.objects.in_bulk({one.rule_id for one in ended}) if ended else {}
    return _open([one for one in ended if _opens(one, rules.get(one.rule_id or 0))], rules, now)


def open_undelivered(reminder_ids: Sequence[int], now: datetime) -> int:
    """Opens the fallbacks of reminders that were handed over and whose delivery was waited for in vain."""
    waiting = Reminder.objects.select_for_update(of=("self",)).filter(pk__in=reminder_ids, fallback_at__lte=now)
    reminders = list(waiting.order_by("pk"))
    for reminder in reminders:
        reminder.fallback_at = None
    update_rows(Reminder, reminders, ["fallback_at"])
    sent = [one for one in reminders if one.state == State.HANDED_OVER]
    rules = Rule.objects.in_bulk({one.rule_id for one in sent}) if sent else {}
    return _open([one for one in sent if _has_fallback(one, rules.get(one.rule_id or 0))], rules, now)


def delivery_awaited(reminders: Sequence[tuple[Reminder, Attempt]], now: datetime) -> None:
    """Notes on reminders just handed over until when a delivery is waited for. Does not save."""
    reported = [(one, attempt) for one, attempt in reminders if provider(attempt.sender.provider).reports_delivery]
    if not reported:
        return
    ids = [one.rule_id for one, _ in reported if one.rule_id]
    rules = {rule.pk: rule for rule in fetch(Rule, "t.id = ANY(%s) AND t.fallback_minutes IS NOT NULL", [ids])}
    for reminder, _ in reported:
        rule = rules.get(reminder.rule_id or 0)
        if rule is not None and _has_fallback(reminder, rule):
            reminder.fallback_at = now + timedelta(minutes=rule.fallback_minutes or 0)


def close_delivered(reminders: Sequence[Reminder], now: datetime) -> None:
    """These were delivered: nothing is waited for any more, and a fallback that has not begun has no purpose. Does not
    save the given ones."""
    if not reminders:
        return
    steps = Q()
    for one in reminders:
        one.fallback_at = None
        steps |= Q(appointment=one.appointment_id, rule=one.rule_id, trigger=one.trigger, round=one.round)
    Reminder.objects.filter(steps, route=Route.FALLBACK, state__in=OPEN_STATES).update(
        state=State.SUPERSEDED, ended_at=now, decided_at=now
    )


def foreseen_fallback(material: Material, primary: Reminder, decision: Decision, at: datetime) -> Reminder | None:
    """The fallback that will open when the primary ends with this decision at that moment; unsaved. None where none
    will."""
    rule = material.rules.get(primary.rule_id or 0)
    if rule is None or not _has_fallback(primary, rule):
        return None
    closed = {gate.code for gate in decision.failed}
    opens = decision.verdict is Verdict.EXPIRE or (decision.verdict is Verdict.SKIP and closed <= _NO_WAY_THERE)
    return place(material, _row(primary, rule, at), at) if opens else None


def _open(primaries: Sequence[Reminder], rules: dict[int, Rule], now: datetime) -> int:
    if not primaries:
        return 0
    clinic = Clinic.objects.get(pk=primaries[0].clinic_id)
    material = gather(clinic, [one.appointment_id for one in primaries])
    rows = [place(material, _row(one, rules[one.rule_id or 0], now), now) for one in primaries]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)  # one that stands already has opened before
    return len(rows)


def _opens(primary: Reminder, rule: Rule | None) -> bool:
    if rule is None or not _has_fallback(primary, rule):
        return False
    if primary.state == State.UNCERTAIN:
        return rule.fallback_on_uncertain
    if primary.state == State.SKIPPED:
        closed = {code for code, passed, _ in primary.gates if passed is False}
        return bool(closed) and closed <= _NO_WAY_THERE
    return primary.failure != FailureKind.OPTED_OUT


def _has_fallback(primary: Reminder, rule: Rule | None) -> bool:
    if rule is None or primary.route != Route.PRIMARY:
        return False
    return rule.active and rule.fallback_channel not in ("", primary.channel)


def _row(primary: Reminder, rule: Rule, now: datetime) -> Reminder:
    return Reminder(
        clinic_id=primary.clinic_id, appointment_id=primary.appointment_id, rule=rule, trigger=primary.trigger,
        route=Route.FALLBACK, round=primary.round, kind=primary.kind, occurrence=primary.occurrence,
        channel=rule.fallback_channel, planned_at=now, event_at=now,
    )  # fmt: skip
