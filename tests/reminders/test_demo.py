"""The demo begins on a working day in daytime, its first reminders fall due a minute later, and it loads only once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.importing.columns import check_header, read_cells
from appointments.importing.reading import read_table
from appointments.models import Appointment, Block
from clinics import clock
from clinics.holidays import public_holidays
from clinics.models import Clinic, Location, Practitioner
from clinics.scope import in_clinic
from messaging.models import Sender
from reminders.demo.agenda import fill_dates
from reminders.demo.clinics import DEMO_CLINICS, DemoClinic
from reminders.demo.loading import AGENDAS, load_demo, log_ins
from reminders.demo.moment import LEAD, UNTIL_FIRST_DUE, first_moment, first_start, working_day, works
from reminders.demo.senders import Sandbox
from reminders.kinds import Kind
from reminders.models import Reminder, Rule, TemplateVersion
from reminders.pages.rule_words import around, card

ANY_MOMENT = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SANDBOX = Sandbox(2525, "secreto")


def every_hour_of_a_year() -> Iterator[datetime]:
    """Starts of the demo at any hour, on any weekday, across every change of the clocks."""
    start = datetime(2026, 11, 1, 0, 17, tzinfo=UTC)
    return (start + timedelta(hours=hour) for hour in range(366 * 24))


def test_the_demo_begins_on_a_working_day_in_daytime_in_all_clinics() -> None:
    for now in every_hour_of_a_year():
        moment = first_moment(now)
        assert timedelta(minutes=10) <= moment - now < timedelta(days=12)
        for demo in DEMO_CLINICS:
            for instant in (moment, first_start(moment)):
                local = instant.astimezone(ZoneInfo(demo.time_zone))
                assert local.isoweekday() <= 5 and time(9) <= local.time() < time(20)
                assert local.date() not in public_holidays(demo.country, demo.region, local.year)


@settings(deadline=None)
@given(ANY_MOMENT)
def test_the_first_reminders_fall_due_shortly_after_the_first_moment(now: datetime) -> None:
    moment = first_moment(now)
    assert timedelta(seconds=60) <= UNTIL_FIRST_DUE <= timedelta(seconds=90)
    assert first_start(moment) - LEAD == moment + UNTIL_FIRST_DUE
    assert first_start(moment).second == 0  # an agenda names no seconds


@settings(deadline=None)
@given(ANY_MOMENT, st.sampled_from(DEMO_CLINICS))
def test_a_filled_agenda_names_the_wall_times_of_its_clinic(now: datetime, demo: DemoClinic) -> None:
    moment = first_moment(now)
    first, day = fill_dates("{first+0};{-3} 09:00", moment, demo.time_zone).split(";")
    there = ZoneInfo(demo.time_zone)
    assert datetime.fromisoformat(first).replace(tzinfo=there) == first_start(moment)
    assert date.fromisoformat(day.split()[0]) == working_day(moment.astimezone(there).date(), -3)


@settings(deadline=None)
@given(st.dates(date(2026, 1, 1), date(2031, 1, 1)), st.integers(-30, 30))
def test_working_days_are_counted_without_weekends_and_holidays(day: date, offset: int) -> None:
    if not works(day):
        return
    there = working_day(day, offset)
    assert works(there) and there.isoweekday() <= 5
    assert working_day(there, -offset) == day


@pytest.mark.parametrize("demo", DEMO_CLINICS, ids=lambda demo: demo.slug)
def test_every_row_of_an_agenda_can_be_read(demo: DemoClinic) -> None:
    moment = first_moment(datetime(2026, 11, 21, 20, tzinfo=UTC))
    template = (AGENDAS / f"{demo.slug}.csv").read_text(encoding="utf-8")
    table = read_table(fill_dates(template, moment, demo.time_zone).encode())
    check_header(table)
    assert not [refusal for line in table.lines for refusal in read_cells(table.columns, line)[1]]


@pytest.mark.feature(169)
def test_the_demo_clinics_are_loaded_with_their_people_places_and_faults(db: None) -> None:
    assert load_demo(SANDBOX) is True
    moment = clock.now()
    for demo in DEMO_CLINICS:
        clinic = Clinic.objects.get(slug=demo.slug)
        assert not clinic.test_mode
        with in_clinic(clinic.pk):
            assert Practitioner.objects.count() == 4
            assert [place.address for place in Location.objects.order_by("pk")] == [text for _, text in demo.locations]
            assert Appointment.objects.count() > 250 and Block.objects.count() > 5
            first = _first_due(moment)
            assert first.keys() == {f"{list(first)[0][:3]}-F{number:02d}" for number in range(1, 8)}
            assert [ref[-1] for ref, state in first.items() if state == "cancelled"] == ["6"]
            own = TemplateVersion.objects.filter(
                template__kind=Kind.REMINDER, template__language=demo.language, template__channel="email"
            )
            assert own.count() == 2
    for line in log_ins():
        email, password, *_ = line.split("  ")
        assert authenticate(email=email, password=password) is not None


@pytest.mark.feature(13, 16, 17, 18, "B4", "B5")
def test_the_demo_shows_notices_a_fallback_and_a_step_that_stops_and_lacks_nothing_to_send_them(db: None) -> None:
    load_demo(SANDBOX)
    stops, falls_back = [], []
    for demo in DEMO_CLINICS:
        clinic = Clinic.objects.get(slug=demo.slug)
        with in_clinic(clinic.pk):
            rules = list(Rule.objects.order_by("pk"))
            cards = [card(rule, around(clinic, clock.now())) for rule in rules]
        on = {rule.kind for rule in rules if rule.active}
        assert on == set(Kind) - {Kind.BOOKING} and len(rules) == 6
        assert [one.off is not None for one in cards] == [rule.kind == Kind.BOOKING for rule in rules]
        assert not any(one.lacks for one in cards)
        stops += [demo.slug for rule in rules if rule.stop_when_confirmed]
        falls_back += [demo.slug for rule in rules if rule.fallback_channel == "email"]
    assert (stops, falls_back) == (["clinica-ipe-sao-paulo"], ["studio-aurora-milano"])


def _first_due(moment: datetime) -> dict[str, str]:
    """Reference and state of the reminders that fall due first; a slow machine may have passed them meanwhile."""
    soon = Reminder.objects.filter(
        kind=Kind.REMINDER,
        channel="email",
        due_at__gt=moment - timedelta(minutes=10),
        due_at__lt=moment + timedelta(minutes=2),
    )
    return dict(soon.order_by("appointment__ref").values_list("appointment__ref", "state"))


def test_a_later_start_loads_nothing_and_only_points_the_senders_anew(db: None) -> None:
    load_demo(SANDBOX)
    shift = clock.shift()
    edited, elsewhere, plain = (Clinic.objects.get(slug=demo.slug).pk for demo in DEMO_CLINICS)
    with in_clinic(edited):
        Sender.objects.filter(channel="email").update(display_name="Changed by an admin")
    with in_clinic(elsewhere):
        Sender.objects.filter(channel="email").update(
            host="smtp.provider.example", port=587
        )  # a person's own choice is left alone
    assert load_demo(Sandbox(4711, "new")) is False
    assert clock.shift() == shift
    seen = []
    for clinic in (edited, elsewhere, plain):
        with in_clinic(clinic):
            sender = Sender.objects.get(channel="email")
            seen.append((sender.port, sender.secret(), sender.display_name))
    assert seen == [
        (4711, "new", "Changed by an admin"),
        (587, "secreto", DEMO_CLINICS[1].name),
        (4711, "new", DEMO_CLINICS[2].name),
    ]


def test_the_command_wants_the_sandbox(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_SMTP_PASSWORD", "secreto")
    for wrong in ("smtp.provider.example:587", "127.0.0.1", "127.0.0.1:x"):
        with pytest.raises(CommandError, match="--smtp needs"):
            call_command("load_demo", "--smtp", wrong)
