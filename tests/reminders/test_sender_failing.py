"""A sender's account that fails is let be: no call begins, what is due is held, one tries, administrators are told."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from clinics.clock import real_now
from clinics.models import Role
from clinics.scope import in_clinic
from messaging import sender_state
from messaging.models import Sender, SenderState
from reminders import senders
from reminders.drain import drain
from reminders.kinds import State
from reminders.lanes import Lanes
from reminders.models import Reminder
from sandbox.server import Sandbox
from tests.reminders.sending import attempts, book_many, received, reminders
from tests.visitors import client_of, member
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("B14")]


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Alerts are sent by the drain itself, so that a test can look at them when it has ended."""

    class Here:
        def submit(self, work: Any, *words: Any) -> None:
            self.waiting.append((work, words))

        waiting: list[Any] = []

    monkeypatch.setattr(senders, "_mailer", Here)
    yield


def tell() -> None:
    """What the thread of the alerts does."""
    waiting = senders._mailer().waiting  # type: ignore[attr-defined]  # the double above
    while waiting:
        work, words = waiting.pop(0)
        work(*words)


def set_password(world: World, password: str) -> None:
    with in_clinic(world.clinic.pk):
        sender = Sender.objects.get()
        sender.set_secret(password)
        sender.save()


def state(world: World) -> SenderState:
    with in_clinic(world.clinic.pk):
        found: SenderState = SenderState.objects.select_related("sender").get()
        return found


def rest_is_over(world: World) -> None:
    """Instead of waiting: the account may be tried again, and what is held for it is looked at now."""
    with in_clinic(world.clinic.pk):
        SenderState.objects.update(open_until=real_now())
        Reminder.objects.filter(state=State.HELD).update(look_at=real_now())


def states(world: World) -> list[str]:
    return sorted(one.state for one in reminders(world))


def logins(mail_server: Sandbox, world: World) -> int:
    return sum(one["account"] == world.sender.username and one["code"] == 535 for one in mail_server.attempts())


@pytest.fixture
def refused(live: World, lanes: Lanes, mail_server: Sandbox) -> World:
    """Eight are due, and the account's password is wrong; a drain has met that."""
    mail_server.forget()
    set_password(live, "falso")
    book_many(live, 8)
    drain(lanes, seconds=5)
    return live


def test_a_refused_password_is_tried_once_and_the_rest_is_held(
    refused: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    drain(lanes, seconds=5)
    assert logins(mail_server, refused) == 1
    assert states(refused) == [State.HELD] * 7 + [State.PLANNED]
    called = [one for one in attempts(refused) if one.called_at]
    assert len(called) == 1 and called[0].failure == "auth_refused"
    held = next(one for one in reminders(refused) if one.state == State.HELD)
    assert held.tries == 0 and held.look_at > held.due_at
    now_failing = sender_state.failing(state(refused))
    assert now_failing.until - now_failing.since == timedelta(minutes=30)  # servers lock accounts
    assert (now_failing.kind, now_failing.code) == ("auth_refused", "535")


def test_administrators_are_told_once_in_their_language_what_happened_and_what_to_do(
    refused: World, lanes: Lanes, settings: Any
) -> None:
    member(refused, Role.RECEPTION, "es")
    admin = member(refused, Role.ADMIN, "en")
    for _ in range(2):
        drain(lanes, seconds=5)
        tell()
    [sent] = mail.outbox
    assert sent.to == [admin.email]
    assert refused.clinic.name in sent.subject
    assert "refused the account's user name or password" in sent.body and "535" in sent.body
    assert f"{settings.BASE_URL}/c/{refused.clinic.slug}/settings/email/" in sent.body


def test_an_alert_whose_drain_died_is_sent_after_a_while(refused: World, lanes: Lanes) -> None:
    member(refused, Role.ADMIN)
    with in_clinic(refused.clinic.pk):
        assert len(sender_state.take_alerts([state.pk for state in SenderState.objects.all()])) == 1
    drain(lanes, seconds=5)
    tell()
    assert mail.outbox == []  # it is in a drain's hands
    with in_clinic(refused.clinic.pk):
        SenderState.objects.update(alert_at=real_now())  # its lease is over
    drain(lanes, seconds=5)
    tell()
    assert len(mail.outbox) == 1


def test_after_its_rest_one_alone_tries_and_a_failure_lets_it_be_again(
    refused: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    rest_is_over(refused)
    drain(lanes, seconds=5)
    assert logins(mail_server, refused) == 2
    assert states(refused).count(State.HELD) >= 6
    assert state(refused).opens == 2


def test_when_the_one_that_tries_arrives_all_go(refused: World, lanes: Lanes, mail_server: Sandbox) -> None:
    set_password(refused, "secreto")
    rest_is_over(refused)
    for _ in range(3):
        drain(lanes, seconds=5)
    assert states(refused) == [State.HANDED_OVER] * 8
    assert len(received(mail_server, refused)) == 8
    assert state(refused).open_until is None


def test_a_changed_account_is_tried_at_once_and_a_checked_one_goes_on_at_once(
    refused: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    page = f"/c/{refused.clinic.slug}/settings/email/"
    account = {
        "preset": "other", "address": refused.sender.address, "display_name": "Clínica", "host": "127.0.0.1",
        "port": str(mail_server.smtp_port), "security": "starttls",
    }  # fmt: skip
    admin = client_of(member(refused, Role.ADMIN))
    assert "No e-mail has left since" in admin.get(page).content.decode()
    admin.post(page, {**account, "password": "otro-falso", "anyway": "1"})
    drain(lanes, seconds=5)
    assert logins(mail_server, refused) == 2  # one tried
    with in_clinic(refused.clinic.pk):  # as the page does once a try went well: ports of tests are refused there
        sender = Sender.objects.get()
        sender.set_secret("secreto")
        sender.save()
        sender_state.mended(sender)
    drain(lanes, seconds=5)
    assert states(refused) == [State.HANDED_OVER] * 8


def test_failures_in_a_row_let_it_be_for_a_minute(live: World, lanes: Lanes, mail_server: Sandbox) -> None:
    book_many(live, 12)
    mail_server.faults.command({"fault": "refuse_connect"})
    drain(lanes, seconds=5)
    mail_server.faults.clear()
    assert sum(one.called_at is not None for one in attempts(live)) == 5
    assert states(live) == [State.HELD] * 7 + [State.PLANNED] * 5
    row = state(live)
    assert row.open_until and row.since and row.open_until - row.since == timedelta(minutes=1)


def test_what_a_patients_mailbox_refuses_says_nothing_of_the_account(
    live: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    book_many(live, 12)
    mail_server.faults.command({"fault": "refuse_rcpt"})
    drain(lanes, seconds=5)
    mail_server.faults.clear()
    assert set(states(live)) == {State.FAILED}
    with in_clinic(live.clinic.pk):
        assert not SenderState.objects.filter(open_until__isnull=False).exists()


def test_staff_read_it_on_every_page(refused: World) -> None:
    page = client_of(member(refused, Role.RECEPTION)).get(f"/c/{refused.clinic.slug}/log/").content.decode()
    assert "No e-mail has left since" in page and "Open the account" not in page
    page = client_of(member(refused, Role.ADMIN)).get(f"/c/{refused.clinic.slug}/log/").content.decode()
    assert "Open the account" in page
