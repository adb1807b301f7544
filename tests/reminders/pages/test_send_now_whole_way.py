"""The whole way of "send now": the page's button, the next drain, and what the patient's mail server receives."""

from datetime import timedelta
from typing import Any

import pytest

from appointments.models import Appointment
from clinics.models import Role
from messaging.outcomes import AttemptState
from reminders.drain import drain
from reminders.kinds import Origin, State
from reminders.lanes import Lanes
from sandbox.server import Sandbox
from tests.page_forms import send, text, words
from tests.reminders.sending import (
    DAY,
    SOON,
    attempts,
    book,
    change_reminders,
    leases_run_out,
    next_try_comes,
    now,
    received,
    reminders,
)
from tests.visitors import client_of, member
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(world: World, row: Appointment, more: str = "") -> str:
    return f"/c/{world.clinic.slug}/appointments/{row.pk}/send/?channel=email{more}"


def mails(mail_server: Sandbox, world: World) -> list[dict[str, object]]:
    return [one for one in received(mail_server, world) if one["accepted"]]


@pytest.mark.feature(1, 3, 45, enters="page")
def test_the_button_brings_one_mail_and_the_log_says_who_sent_it(
    live: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    before = len(mails(mail_server, live))
    desk, row = client_of(member(live, Role.RECEPTION)), book(live, now() + 3 * DAY)
    send(desk, page_of(live, row))
    assert drain(lanes, 5) == 1
    assert len(mails(mail_server, live)) == before + 1
    [sent] = reminders(live)
    assert (sent.state, sent.origin) == (State.HANDED_OVER, Origin.MANUAL)
    log = words(text(desk.get(f"/c/{live.clinic.slug}/log/{sent.pk}/")))
    assert "“Send now” by hand by Marta Soler" in log
    assert "It is on its way: it was sent less than a minute ago, by hand by Marta Soler." in log


@pytest.mark.feature("N1", 36, enters="page")
def test_what_was_skipped_is_mended_and_sent_and_never_twice(live: World, lanes: Lanes, mail_server: Sandbox) -> None:
    before = len(mails(mail_server, live))
    desk, row = client_of(member(live, Role.RECEPTION)), book(live, now() + SOON)
    desk.post(f"/c/{live.clinic.slug}/appointments/{row.pk}/wanted/", {"channel": "email", "wanted": "0"})
    assert drain(lanes, 5) == 0
    assert [one.state for one in reminders(live)] == [State.SKIPPED]
    page = words(text(desk.get(page_of(live, row))))
    assert "Reminders over this channel are switched off for the appointment." in page
    desk.post(f"/c/{live.clinic.slug}/appointments/{row.pk}/wanted/", {"channel": "email", "wanted": "1"})
    assert drain(lanes, 5) == 0  # a skip is final
    send(desk, page_of(live, row))
    assert drain(lanes, 5) == 1
    assert (len(mails(mail_server, live)), drain(lanes, 5)) == (before + 1, 0)
    assert [(one.round, one.state) for one in reminders(live)] == [(1, State.SKIPPED), (2, State.HANDED_OVER)]


@pytest.mark.feature(45, enters="page")
def test_an_uncertain_one_is_sent_again_by_a_person_only_as_a_message_of_its_own(
    live: World, lanes: Lanes, mail_server: Sandbox, settings: Any
) -> None:
    settings.RECONCILE_SECONDS = 0
    mail_server.faults.command({"fault": "drop_after_dot"})
    desk, row = client_of(member(live, Role.RECEPTION)), book(live, now() + SOON)
    drain(lanes, 8)
    leases_run_out(live)
    drain(lanes, 5)
    [lost] = reminders(live)
    assert lost.state == State.UNCERTAIN
    mail_server.faults.clear()
    next_try_comes(live)
    assert drain(lanes, 5) == 0
    change_reminders(live, decided_at=now() - timedelta(minutes=11))
    address = page_of(live, row, f"&again={lost.pk}")
    assert "it may arrive twice" in words(text(desk.get(address)))
    send(desk, address)
    assert drain(lanes, 5) == 1
    first, second = attempts(live)
    assert (first.state, second.state) == (AttemptState.UNKNOWN, AttemptState.ACCEPTED)
    assert first.message_id != second.message_id
