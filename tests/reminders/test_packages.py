"""A practitioner's own package: which kinds of messages go for his appointments, and who said so."""

from collections.abc import Iterator

import pytest

from clinics.models import Practitioner, SettingArea
from clinics.scope import in_clinic
from clinics.setting_log import Act, last_change
from reminders.kinds import Kind
from reminders.models import PackageSwitch, Reminder
from reminders.outlook import live
from reminders.packages import packages, write_package
from reminders.plan import bring_up_to_date
from tests.world import DAY, NOW, World

ACT = Act(None, NOW)


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        yield world


@pytest.mark.feature(19, 20)
def test_every_kind_is_on_until_it_is_switched_off(inside: World) -> None:
    assert packages() == {inside.practitioner.pk: dict.fromkeys(Kind, True)}
    assert write_package(inside.clinic, inside.practitioner, {Kind.REMINDER: False}, ACT) == {Kind.REMINDER}
    assert packages()[inside.practitioner.pk] == {**dict.fromkeys(Kind, True), Kind.REMINDER: False}


@pytest.mark.feature(19)
def test_a_package_holds_back_the_practitioners_own_messages_and_no_others(inside: World) -> None:
    other = Practitioner.objects.create(clinic=inside.clinic, name="Dr. Otro")
    appointments = [inside.appointment(NOW + 2 * DAY), inside.appointment(NOW + 2 * DAY, practitioner=other)]
    bring_up_to_date(inside.clinic, [one.pk for one in appointments], NOW)
    write_package(inside.clinic, inside.practitioner, {Kind.REMINDER: False, Kind.CONFIRMATION: True}, ACT)
    reminders = list(Reminder.objects.order_by("appointment"))
    closed = [
        {gate.code for gate in decision.failed} - {"due"} for decision in live(inside.clinic, reminders, NOW).values()
    ]
    assert closed == [{"kind_off_for_practitioner"}, set()]


@pytest.mark.feature(19)
def test_who_switched_what_is_kept_and_what_does_not_differ_is_not(inside: World) -> None:
    wanted = {Kind.REMINDER: False, Kind.CHANGE: False}
    write_package(inside.clinic, inside.practitioner, wanted, ACT)
    kept = last_change(SettingArea.PACKAGE, inside.practitioner.pk)
    assert kept is not None and kept.details == {"reminder": [True, False], "change": [True, False]}
    assert write_package(inside.clinic, inside.practitioner, wanted, ACT) == frozenset()
    write_package(inside.clinic, inside.practitioner, {Kind.CHANGE: True}, ACT)
    kept = last_change(SettingArea.PACKAGE, inside.practitioner.pk)
    assert kept is not None and kept.details == {"change": [False, True]}
    assert set(PackageSwitch.objects.values_list("kind", "on")) == {("reminder", False), ("change", True)}
