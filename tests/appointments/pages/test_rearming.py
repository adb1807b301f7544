"""Marks, switches and moves on the appointment's page: what they hold back, and what goes again after them."""

import pytest
from django.test import Client

from appointments.models import Appointment, ChannelFlag, RemindedElsewhere
from clinics.models import Role
from clinics.scope import in_clinic
from reminders.kinds import State
from tests.page_forms import send, text, words
from tests.reminders.planning import another_rule
from tests.visitors import DAY, HOUR, NOW, book, client_of, member, put, reminders_of
from tests.world import World

pytestmark = pytest.mark.django_db
START = NOW + 3 * DAY + 2 * HOUR


def page_of(world: World, row: Appointment, step: str = "") -> str:
    return f"/c/{world.clinic.slug}/appointments/{row.pk}/{step}"


def part(page: str, name: str) -> str:
    return words(page[page.index(f'id="{name}"') :].split("</section>")[0])


def mark(world: World, row: Appointment) -> RemindedElsewhere:
    with in_clinic(world.clinic.pk):
        made: RemindedElsewhere = RemindedElsewhere.objects.create(
            clinic=world.clinic, appointment=row, occurrence=row.occurrence, channel="", how="phone", marked_at=NOW
        )
    return made


@pytest.mark.feature(40, 41, "N3")
def test_a_mark_says_what_it_holds_back_and_re_arming_what_goes_again(world: World, desk: Client) -> None:
    another_rule(world, amount=120)
    row = book(world, START)
    dialog = words(text(desk.get(page_of(world, row, "mark/"))))
    assert (
        "2 later reminders will not go: E-mail · Reminder, Fri, Jan 18 12:00; E-mail · Reminder, Sat, Jan 19" in dialog
    )
    send(desk, page_of(world, row, "mark/"), how="phone")
    page = part(text(desk.get(page_of(world, row))), "marks")
    assert "by phone · in place of all channels Marta Soler, Wed, Jan 16" in page
    assert "2 later reminders do not go. Re-armed, they go again: E-mail · Reminder, Fri, Jan 18 12:00" in page
    with in_clinic(world.clinic.pk):
        [made] = RemindedElsewhere.objects.all()
    answer = words(text(desk.post(page_of(world, row, f"mark/{made.pk}/take-back/"), follow=True)))
    assert "Re-armed. These go again: E-mail · Reminder, Fri, Jan 18 12:00; E-mail · Reminder, Sat, Jan 19" in answer
    assert [one.state for one in reminders_of(world, row)] == [State.PLANNED] * 2


@pytest.mark.feature(41, 43)
def test_a_step_whose_moment_passed_under_the_mark_is_offered_to_be_sent_now(world: World, desk: Client) -> None:
    another_rule(world, amount=120)
    row = book(world, START)
    made = mark(world, row)
    late = reminders_of(world, row)[0]
    put(world, late, State.SKIPPED, ended_at=NOW, gates=[["reminded_elsewhere", False, "phone"]])
    page = text(desk.get(page_of(world, row)))
    assert "E-mail · Reminder, Fri, Jan 18 12:00: too late to go by itself." in part(page, "marks")
    answer = text(desk.post(page_of(world, row, f"mark/{made.pk}/take-back/"), follow=True))
    assert "These go again: E-mail · Reminder, Sat, Jan 19 10:00." in words(answer)
    assert "Too late to go by itself: E-mail · Reminder, Fri, Jan 18 12:00. You can send it now, below." in words(
        answer
    )
    again = page_of(world, row, f"send/?channel=email&again={late.pk}")
    send(desk, again)
    assert {(one.round, one.state) for one in reminders_of(world, row) if one.rule_id == late.rule_id} == {
        (1, State.SKIPPED), (2, State.PLANNED),
    }  # fmt: skip


@pytest.mark.feature(42, 43, "N3")
def test_a_move_re_arms_by_itself_and_says_what_comes_next(world: World, desk: Client) -> None:
    row = book(world, START)
    assert "Re-armed" not in text(desk.get(page_of(world, row)))
    put(world, reminders_of(world, row)[0], State.HANDED_OVER, handed_over_at=NOW - HOUR)
    send(desk, page_of(world, row, "move/"), day="2041-01-22", time="16:00")
    page = words(text(desk.get(page_of(world, row))))
    assert (
        "Re-armed by the move. What was sent for its former time does not count for this one. "
        "Next reminder: E-mail · Reminder, Mon, Jan 21 16:00." in page
    )


@pytest.mark.feature(42)
def test_a_mark_for_the_former_time_is_named_and_holds_nothing(world: World, desk: Client) -> None:
    row = book(world, START)
    mark(world, row)
    send(desk, page_of(world, row, "move/"), day="2041-01-22", time="16:00")
    page = words(text(desk.get(page_of(world, row))))
    assert "What was sent or marked for its former time does not count for this one. Next reminder: E-mail" in page


@pytest.mark.feature(25, 26)
def test_a_channel_is_switched_off_and_on_by_one_press_with_who_and_when(world: World, desk: Client) -> None:
    row = book(world, START)
    before = part(text(desk.get(page_of(world, row))), "wanted")
    assert "E-mail · wanted Switch off 1 still to come: Reminder, Fri, Jan 18 12:00" in before
    answer = desk.post(page_of(world, row, "wanted/"), {"channel": "email", "wanted": "0"}, follow=True)
    assert "E-mail: no reminder goes any more for this appointment." in words(text(answer))
    switched = part(text(answer), "wanted")
    assert "E-mail · not wanted Marta Soler, Wed, Jan 16 10:" in switched and "Undo" in switched
    assert "1 reminder does not go because of this: Reminder, Fri, Jan 18 12:00" in switched
    assert "Switch on" in part(text(desk.get(page_of(world, row))), "wanted")  # later it is no Undo any more
    back = desk.post(page_of(world, row, "wanted/"), {"channel": "email", "wanted": "1"}, follow=True)
    assert "E-mail: reminders go again for this appointment." in words(text(back))
    assert "1 still to come" in part(text(back), "wanted")


@pytest.mark.feature(25)
def test_switching_what_is_so_already_keeps_who_said_it(world: World, desk: Client) -> None:
    row = book(world, START)
    desk.post(page_of(world, row, "wanted/"), {"channel": "email", "wanted": "0"})
    other = client_of(member(world, Role.RECEPTION, name="Otra Persona"))
    answer = other.post(page_of(world, row, "wanted/"), {"channel": "email", "wanted": "0"}, follow=True)
    assert "It was switched so already." in words(text(answer))
    with in_clinic(world.clinic.pk):
        [flag] = ChannelFlag.objects.select_related("set_by")
    assert flag.set_by is not None and flag.set_by.get_full_name() == "Marta Soler"


@pytest.mark.parametrize("sent", [{}, {"channel": "pigeon", "wanted": "1"}, {"channel": "email", "wanted": "maybe"}])
def test_a_switch_that_does_not_exist_is_not_found(world: World, desk: Client, sent: dict[str, str]) -> None:
    row = book(world, START)
    assert desk.post(page_of(world, row, "wanted/"), sent).status_code == 404
    assert desk.get(page_of(world, row, "wanted/")).status_code == 405


def test_who_may_only_look_switches_nothing(world: World, wednesday: object) -> None:
    row = book(world, START)
    looker = client_of(member(world, Role.READ_ONLY))
    assert "Switch off" not in text(looker.get(page_of(world, row)))
    answer = looker.post(page_of(world, row, "wanted/"), {"channel": "email", "wanted": "0"})
    assert answer.status_code == 403
