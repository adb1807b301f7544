"""Filters, several steps, stopping, fallbacks and notices: what a rule may say, and what it may not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time

import pytest

from appointments.models import ChannelFlag, Status
from appointments.writing import AppointmentChange, write_appointments
from clinics.models import Practitioner, SettingArea
from clinics.scope import in_clinic
from clinics.setting_log import Act, last_change
from reminders.kinds import Kind, LatePolicy, TimingKind
from reminders.models import Reminder, Rule
from reminders.outlook import live
from reminders.plan import bring_up_to_date
from reminders.rule_check import Fallback
from reminders.rule_defaults import DEFAULT_STATUSES, ELIGIBLE, ON_EVENT, PRESETS
from reminders.rule_writing import NewRule, Only, RuleRefused, described, switch_rule, write_rule
from reminders.timing import Timing
from tests.world import DAY, NOW, World, make_world

ACT = Act(None, NOW)
TWO_HOURS = NewRule(
    Kind.REMINDER, Timing(TimingKind.BEFORE_ELAPSED, 120), "sms", ("scheduled",), LatePolicy.SEND_NOW, True
)
CHANGE = NewRule(Kind.CHANGE, ON_EVENT, "email", ("scheduled", "confirmed"), LatePolicy.NEXT_ALLOWED, True)


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        yield world


def refused(world: World, wanted: NewRule, rule: Rule | None = None) -> dict[str, str]:
    """Field → words of the refusal; nothing was made or changed."""
    before = list(Rule.objects.order_by("pk").values())
    with pytest.raises(RuleRefused) as found:
        write_rule(world.clinic, rule, wanted, ACT)
    assert list(Rule.objects.order_by("pk").values()) == before
    return {one.field: one.words for one in found.value.wrong}


@pytest.mark.feature(9, 13, 14, "B4", "B5")
def test_all_that_is_wanted_of_a_rule_is_kept_and_read_back(inside: World) -> None:
    only = Only((inside.practitioner.pk,), (inside.location.pk,), (inside.type.pk,))
    wanted = replace(TWO_HOURS, only=only, stop_when_confirmed=True, fallback=Fallback("email", 30, True))
    rule = write_rule(inside.clinic, None, wanted, ACT).rule
    assert described(Rule.objects.get(pk=rule.pk)) == wanted
    assert write_rule(inside.clinic, rule, wanted, ACT).planned_again == 0, "nothing differs"


@pytest.mark.feature(13)
def test_a_step_more_is_one_reminder_more_of_the_same_appointment(inside: World) -> None:
    appointment = inside.appointment(NOW + 3 * DAY)
    write_rule(inside.clinic, None, replace(TWO_HOURS, channel="email"), ACT)
    bring_up_to_date(inside.clinic, [appointment.pk], NOW)
    dues = Reminder.objects.filter(appointment=appointment).order_by("due_at").values_list("due_at", flat=True)
    assert [appointment.start - due for due in dues] == [DAY, DAY / 12]


@pytest.mark.feature(9)
def test_a_rule_for_some_practitioners_makes_nothing_for_the_others(inside: World) -> None:
    other = Practitioner.objects.create(clinic=inside.clinic, name="Dr. Otro")
    write_rule(inside.clinic, inside.rule, replace(described(inside.rule), only=Only((other.pk,))), ACT)
    mine, his = inside.appointment(NOW + 2 * DAY), inside.appointment(NOW + 2 * DAY, practitioner=other)
    bring_up_to_date(inside.clinic, [mine.pk, his.pk], NOW)
    assert list(Reminder.objects.values_list("appointment", flat=True)) == [his.pk]


@pytest.mark.feature(9)
def test_another_clinics_practitioner_is_not_one_of_ours(inside: World) -> None:
    stranger = Practitioner(pk=inside.practitioner.pk + 1_000_000)
    wanted = replace(TWO_HOURS, only=Only((inside.practitioner.pk, stranger.pk)))
    assert "not there any more" in refused(inside, wanted)["practitioners"]


@pytest.mark.django_db
def test_the_rows_of_another_clinic_are_no_filters(world: World) -> None:
    elsewhere = make_world("clinica-ajena")
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        only = Only((elsewhere.practitioner.pk,), (elsewhere.location.pk,), (elsewhere.type.pk,))
        assert set(refused(world, replace(TWO_HOURS, only=only))) == {"practitioners", "locations", "types"}


@pytest.mark.feature(35)
def test_each_kind_begins_with_statuses_in_which_a_visit_is_still_to_come(inside: World) -> None:
    assert DEFAULT_STATUSES[Kind.REMINDER] == ("scheduled", "confirmed")
    assert DEFAULT_STATUSES[Kind.CONFIRMATION] == ("scheduled",)
    assert set(Status) - set(ELIGIBLE) == {"arrived", "completed", "no_show", "cancelled"}
    for status in ("arrived", "completed", "no_show", "cancelled"):
        assert "Nothing is sent" in refused(inside, replace(TWO_HOURS, statuses=("scheduled", status)))["statuses"]


@pytest.mark.feature("B4", 11)
def test_a_rule_for_confirmed_ones_alone_that_stops_on_confirmation_is_refused(inside: World) -> None:
    wanted = replace(TWO_HOURS, statuses=("confirmed",), stop_when_confirmed=True)
    assert "would never send. Tick Scheduled" in refused(inside, wanted)["stop_when_confirmed"]
    write_rule(inside.clinic, None, replace(wanted, statuses=("scheduled", "confirmed")), ACT)


@pytest.mark.feature("B5", 11)
@pytest.mark.parametrize(
    ("fallback", "field", "words"),
    [
        (Fallback("sms"), "fallback_channel", "own channel"),
        (Fallback("email", 0), "fallback_minutes", "Try 30"),
        (Fallback("email", 2000), "fallback_minutes", "Try 30"),
        (Fallback("email", 120), "fallback_minutes", "would be too late. Try 30"),
    ],
)
def test_a_fallback_that_cannot_help_is_refused(inside: World, fallback: Fallback, field: str, words: str) -> None:
    assert words in refused(inside, replace(TWO_HOURS, fallback=fallback))[field]


@pytest.mark.feature("B5")
def test_no_delivery_is_waited_for_where_none_is_ever_reported(inside: World) -> None:
    wanted = replace(TWO_HOURS, channel="email", fallback=Fallback("sms", 30, True))
    rule = write_rule(inside.clinic, None, wanted, ACT).rule
    assert (rule.fallback_channel, rule.fallback_minutes, rule.fallback_on_uncertain) == ("sms", None, True)
    preferred = replace(TWO_HOURS, channel="", fallback=Fallback("sms", 30), statuses=("confirmed",))
    assert write_rule(inside.clinic, None, preferred, ACT).rule.fallback_minutes == 30, "some prefer SMS"
    inside.sender.provider = "twilio"  # a provider that reports, whatever the channel
    inside.sender.save()
    assert write_rule(inside.clinic, rule, wanted, ACT).rule.fallback_minutes == 30


@pytest.mark.feature(16, 17, 18)
@pytest.mark.parametrize("kind", [Kind.BOOKING, Kind.CHANGE, Kind.CANCELLATION])
def test_a_notice_has_no_timing_late_policy_or_stop(inside: World, kind: Kind) -> None:
    wanted = replace(TWO_HOURS, kind=kind, channel="email", stop_when_confirmed=True)
    rule = write_rule(inside.clinic, None, wanted, ACT).rule
    assert (rule.timing, rule.amount, rule.late_policy) == ("on_event", 0, "next_allowed")
    assert not rule.stop_when_confirmed
    assert rule.statuses == (["cancelled"] if kind is Kind.CANCELLATION else ["scheduled"])


@pytest.mark.feature(11, 16, 17)
def test_a_second_notice_of_a_kind_over_the_same_channel_is_refused(inside: World) -> None:
    first = write_rule(inside.clinic, None, CHANGE, ACT).rule
    assert "told twice" in refused(inside, CHANGE)["channel"]
    assert "told twice" in refused(inside, replace(CHANGE, channel=""))["channel"], "some prefer e-mail"
    write_rule(inside.clinic, None, replace(CHANGE, channel="sms"), ACT)
    write_rule(inside.clinic, None, replace(CHANGE, kind=Kind.BOOKING), ACT)
    off = write_rule(inside.clinic, None, replace(CHANGE, active=False), ACT).rule
    with pytest.raises(RuleRefused, match="told twice"):
        switch_rule(inside.clinic, off, True, ACT)
    switch_rule(inside.clinic, first, False, ACT)
    assert switch_rule(inside.clinic, off, True, ACT).rule.active


@pytest.mark.feature(11)
def test_two_rules_for_different_appointments_do_not_remind_twice(inside: World) -> None:
    other = Practitioner.objects.create(clinic=inside.clinic, name="Dr. Otro")
    mine = replace(CHANGE, only=Only((inside.practitioner.pk,)))
    write_rule(inside.clinic, None, mine, ACT)
    write_rule(inside.clinic, None, replace(CHANGE, only=Only((other.pk,))), ACT)
    assert refused(inside, replace(CHANGE, only=Only((), (inside.location.pk,)))), "of all practitioners there"


@pytest.mark.feature(11, 28)
def test_24_hours_before_and_the_day_before_would_remind_twice(inside: World) -> None:
    same = replace(TWO_HOURS, channel="email", timing=Timing(TimingKind.DAYS_BEFORE_SAME_TIME, 1))
    assert "reminded twice" in refused(inside, same)["amount"]
    evening = replace(same, timing=Timing(TimingKind.DAYS_BEFORE_AT, 1, time(18)))
    assert write_rule(inside.clinic, None, evening, ACT).rule.active


@pytest.mark.feature(28)
def test_every_preset_makes_a_rule(inside: World) -> None:
    switch_rule(inside.clinic, inside.rule, False, ACT)
    for preset in PRESETS:
        wanted = NewRule(
            preset.kind, preset.timing, "email", DEFAULT_STATUSES[preset.kind], LatePolicy.NEXT_ALLOWED,
            active=preset.code != "day-before",
        )  # fmt: skip
        assert described(write_rule(inside.clinic, None, wanted, ACT).rule) == wanted


@pytest.mark.feature(10)
def test_a_rule_that_could_not_send_any_more_is_not_switched_on(inside: World) -> None:
    rule = write_rule(inside.clinic, None, replace(TWO_HOURS, active=False), ACT).rule
    Rule.objects.filter(pk=rule.pk).update(statuses=[])
    with pytest.raises(RuleRefused, match="at least one status"):
        switch_rule(inside.clinic, Rule.objects.get(pk=rule.pk), True, ACT)
    assert last_change(SettingArea.RULE, rule.pk) is not None


@pytest.mark.feature(12)
def test_a_new_appointment_has_its_reminders_on_over_every_channel_of_the_clinic(inside: World) -> None:
    write_rule(inside.clinic, None, TWO_HOURS, ACT)
    start = NOW + 2 * DAY
    fields = {"patient_id": inside.patient.pk, "start": start, "end": start + DAY / 48}
    booked = write_appointments(inside.clinic, [AppointmentChange(None, fields)], NOW).rows[0]
    bring_up_to_date(inside.clinic, [booked.pk], NOW)
    assert not ChannelFlag.objects.exists()
    reminders = list(Reminder.objects.order_by("due_at"))
    assert [one.channel for one in reminders] == ["email", "sms"]
    for decision in live(inside.clinic, reminders, NOW).values():
        passed = {gate.code: gate.passed for gate in decision.gates}
        assert passed["appointment_reminder_off"] is True
        assert passed["channel_off"] is (decision.gates[1].value == "email"), "the clinic has SMS switched off"
