"""Callbacks of the same moment are verified each for itself and stored together, at few statements for many."""

import threading
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.scope import in_clinic
from messaging import callbacks
from messaging.callbacks import Answer, Callback, take
from messaging.models import Attempt, Receipt, Sender
from messaging.pages import callbacks as page
from messaging.providers import Report
from messaging.together import Together
from tests.messaging.test_callbacks import SID, an_attempt, call_back, form, signed, stored
from tests.world import World, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("B14", enters="webhook")]

OTHER_SID = "AC" + "0" * 31 + "2"
STATUSES = ("queued", "sending", "sent", "delivered")


def heard(attempt: Attempt, status: str = "delivered", sid: str = SID, token: str = "twilio-token") -> Callback:
    """A genuine one."""
    url, said = f"http://127.0.0.1:8000/w/twilio/{attempt.token}", form(AccountSid=sid, MessageStatus=status)
    fields = {name: [value] for name, value in said.items()}
    return Callback("twilio", attempt.token, url, fields, signed(url, said, token))


def test_each_of_a_group_is_answered_for_itself_and_stored_in_its_own_clinic(world: World) -> None:
    own, other = an_attempt(world), an_attempt(make_world("otra-clinica"), OTHER_SID, "other-token")
    good, others = heard(own), heard(other, "sent", OTHER_SID, "other-token")
    group = [
        good,
        replace(good, signature="bm9wZQ=="),
        others,
        replace(others, token=own.token),
        replace(good, token="f" * 32),
        replace(good, name="smtp"),
        good,
        heard(own, "no-such-status"),
    ]
    assert take(group) == [
        Answer.TAKEN, Answer.REFUSED, Answer.TAKEN, Answer.REFUSED, Answer.UNKNOWN, Answer.REFUSED, Answer.TAKEN,
        Answer.REFUSED,
    ]  # fmt: skip
    for attempt, state in ((own, "delivered"), (other, "accepted")):
        with in_clinic(attempt.clinic_id):
            assert [(one.attempt_id, one.state) for one in Receipt.objects.all()] == [(attempt.pk, state)]


def test_many_take_no_more_statements_than_one(world: World) -> None:
    attempt = an_attempt(world)
    take([heard(attempt, "queued")])
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert take([heard(attempt, status) for status in STATUSES * 5]) == [Answer.TAKEN] * 20
    assert len(seen) <= 5
    assert stored(attempt) == 4


def test_a_new_secret_counts_at_once_and_the_old_one_no_more(world: World) -> None:
    attempt = an_attempt(world)
    assert take([heard(attempt, "queued")]) == [Answer.TAKEN]
    with in_clinic(world.clinic.pk):
        sender = Sender.objects.get(username=SID)
        sender.set_secret("new-token")
        sender.save()
    assert take([heard(attempt, "sent"), heard(attempt, "sent", token="new-token")]) == [Answer.REFUSED, Answer.TAKEN]


def test_a_secret_that_cannot_be_opened_has_the_provider_come_again_and_harms_no_other(world: World) -> None:
    own, other = an_attempt(world), an_attempt(make_world("otra-clinica"), OTHER_SID, "other-token")
    with in_clinic(world.clinic.pk):
        sealed = Sender.objects.get(username=SID).sealed_secret
        Sender.objects.filter(username=SID).update(sealed_secret="gone:" + sealed)
    assert take([heard(own), heard(other, sid=OTHER_SID, token="other-token")]) == [Answer.LATER, Answer.TAKEN]
    assert call_back(own, form()) == 503
    with in_clinic(world.clinic.pk):
        Sender.objects.filter(username=SID).update(sealed_secret=sealed)
    assert call_back(own, form()) == 204


def test_one_that_cannot_be_stored_costs_the_others_of_its_group_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = callbacks._store

    def choosy(cursor: CursorWrapper, tokens: list[str], reports: list[Report]) -> set[int]:
        if any(":sent:" in report.event for report in reports):
            raise ValueError
        return store(cursor, tokens, reports)

    monkeypatch.setattr(callbacks, "_store", choosy)
    attempt, answers = an_attempt(world), dict[str, object]()
    group = Together(page._taking, for_all=page._AWAY, patience=10)
    gate = threading.Barrier(len(STATUSES))

    def ask(status: str) -> None:
        gate.wait()
        try:
            answers[status] = group.ask(heard(attempt, status))
        except ValueError:
            answers[status] = ValueError
        connection.close()

    threads = [threading.Thread(target=ask, args=[status]) for status in STATUSES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == {**dict.fromkeys(STATUSES, Answer.TAKEN), "sent": ValueError}
    assert stored(attempt) == 3


def test_a_callback_passes_by_what_peoples_pages_need(world: World) -> None:
    attempt = an_attempt(world)
    path = f"/w/twilio/{attempt.token}"
    headers = {"X-Twilio-Signature": signed(f"http://127.0.0.1:8000{path}", form()), "Host": "elsewhere.example"}
    answer = Client().post(path, form(), headers=headers)
    assert (answer.status_code, dict(answer.items())) == (204, {"Content-Type": "text/html; charset=utf-8"})
    assert Client().get(path).status_code == 405
    assert Client().post("/w/twilio", form()).status_code == 404


def test_inside_a_transaction_nothing_is_taken_as_it_could_yet_be_rolled_back() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        take([])
