"""Does the judge of the fault campaigns see what it must see? Made-up rows against a made-up outside world."""

from dataclasses import replace

import pytest

from tests.faults.ground import SMS, Arrival, Judgement, Row, Try, judge, read_texts, refused_callbacks
from tests.faults.outside import Outside
from tests.faults.report import Outcome

ADDRESS = "p000001@clinic-1.example"


def row(state: str, *tries: str, address: str = ADDRESS) -> Row:
    attempts = tuple(Try(number, one) for number, one in enumerate(tries, start=1))
    return Row(1, 7, address, 3 if state else None, state, attempts)


def arrived(*answers: bool, address: str = ADDRESS) -> list[Arrival]:
    """One message the patient has for each answer: whether 250 was said."""
    return [Arrival(address, kept=True, accepted=answer) for answer in answers]


def counts(found: Judgement) -> tuple[int, int, int, int]:
    return len(found.lost), len(found.duplicated), len(found.unknown), len(found.disagreeing)


PHONE = "+34600000001"


def text(state: str, *tries: str) -> Row:
    """A reminder by SMS."""
    return replace(row(state, *tries, address=PHONE), channel=SMS)


class FakeOutside(Outside):
    """A sandbox that was told what to tell."""

    def __init__(self, **told: list[dict[str, object]]) -> None:
        super().__init__(0, 0, "")
        object.__setattr__(self, "told", told)

    def _all(self, path: str, name: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self.__dict__["told"][name]
        return found


def test_an_sms_that_was_delivered_once_is_no_finding_whatever_its_call_was_answered() -> None:
    sent = FakeOutside(messages=[{"recipient": PHONE, "kept": True, "accepted": False, "fault": "sms_reset_sent"}])
    assert counts(judge([text("handed_over", "delivered")], read_texts(sent))) == (0, 0, 0, 0)


def test_an_sms_that_stayed_uncertain_is_a_fault_whether_it_arrived_or_not() -> None:
    for arrivals in ([], arrived(True, address=PHONE)):
        found = judge([text("uncertain", "unknown")], arrivals)
        assert (len(found.unknown_sms), counts(found)) == (1, (0, 0, 0, 0))
        assert not found.clean
        assert found.unknown_sms == found.faults
        assert PHONE not in found.unknown_sms[0]


def test_an_sms_may_stay_uncertain_where_its_provider_cannot_be_asked() -> None:
    found = judge([text("uncertain", "unknown")], [], askable=False)
    assert (found.faults, len(found.unknown)) == ([], 1)
    assert judge([text("uncertain", "unknown")], arrived(True, True, address=PHONE), askable=False).duplicated


def test_an_sms_is_lost_or_duplicated_as_a_mail_is() -> None:
    assert counts(judge([text("planned", "failed")], [])) == (1, 0, 0, 0)
    assert counts(judge([text("handed_over", "delivered")], [])) == (1, 0, 0, 1)
    again = text("handed_over", "failed", "accepted")
    assert judge([again], arrived(True, True, address=PHONE)).duplicated
    assert not judge([again], arrived(True, address=PHONE)).faults


def test_a_callback_that_is_not_taken_is_a_finding_and_one_without_an_answer_none() -> None:
    told = FakeOutside(callbacks=[{"answered": answer} for answer in (204, 403, None, 403, 204)])
    assert refused_callbacks(told) == ["callbacks answered with 403: 2"]


def test_one_that_was_handed_over_and_arrived_once_is_no_finding() -> None:
    assert counts(judge([row("handed_over", "accepted")], arrived(True))) == (0, 0, 0, 0)


def test_tries_before_the_accepted_one_are_no_finding() -> None:
    assert counts(judge([row("handed_over", "failed", "failed", "accepted")], arrived(True))) == (0, 0, 0, 0)


@pytest.mark.parametrize("state", ["planned", "held", "claimed", "sending"])
def test_one_without_an_end_is_lost(state: str) -> None:
    assert counts(judge([row(state)], [])) == (1, 0, 0, 0)


def test_one_that_was_never_planned_is_lost() -> None:
    assert counts(judge([row("")], [])) == (1, 0, 0, 0)


def test_one_that_gave_up_is_lost_where_the_campaign_gave_it_no_reason() -> None:
    gave_up = [row("expired", "failed")]
    assert counts(judge(gave_up, [])) == (1, 0, 0, 0)
    assert counts(judge(gave_up, [], may_stay={"expired"})) == (0, 0, 0, 0)


def test_one_called_handed_over_that_never_arrived_is_lost_and_contradicted() -> None:
    assert counts(judge([row("handed_over", "accepted")], [])) == (1, 0, 0, 1)


def test_one_that_arrived_twice_is_duplicated_whatever_its_state() -> None:
    assert judge([row("handed_over", "unknown", "accepted")], arrived(False, True)).duplicated
    assert judge([row("uncertain", "unknown")], arrived(False, False)).duplicated


def test_an_uncertain_one_is_listed_by_its_ids_and_never_by_its_address() -> None:
    for arrivals in ([], arrived(False), arrived(True)):
        found = judge([row("uncertain", "unknown")], arrivals)
        assert counts(found) == (0, 0, 1, 0)
        assert "clinic 1 appointment 7 reminder 3" in found.unknown[0]
        assert ADDRESS not in found.unknown[0]


def test_an_attempt_that_says_failed_of_a_mail_that_arrived_is_contradicted() -> None:
    assert judge([row("failed", "failed")], arrived(True), may_stay={"failed"}).disagreeing


def test_an_attempt_that_says_accepted_without_an_accepted_mail_is_contradicted() -> None:
    assert judge([row("handed_over", "accepted")], arrived(False)).disagreeing


def test_a_reminder_that_says_more_or_less_than_its_attempts_is_contradicted() -> None:
    assert judge([row("handed_over", "unknown")], arrived(True)).disagreeing
    assert judge([row("uncertain", "accepted")], arrived(True)).disagreeing


def test_a_refused_mail_counts_as_not_arrived() -> None:
    refused = [Arrival(ADDRESS, kept=False, accepted=False), *arrived(True)]
    assert counts(judge([row("handed_over", "failed", "accepted")], refused)) == (0, 0, 0, 0)


def test_a_mail_to_nobody_is_a_contradiction() -> None:
    assert counts(judge([], arrived(True))) == (0, 0, 0, 1)


def test_clean_means_that_only_unknown_ones_are_left() -> None:
    assert judge([row("uncertain", "unknown")], []).clean
    assert not judge([row("planned")], []).clean


def test_the_verdict_stands_in_one_line() -> None:
    failed = Outcome({"runs": 1, "seed": 7, "lost": 2}, passed=False)
    assert failed.lines("kill") == ["fault kill runs=1 seed=7 lost=2 verdict=fail"]


def test_of_many_faults_the_first_are_printed_and_of_the_unknown_ones_all() -> None:
    lines = Outcome({}, passed=False, findings=["lost: x"] * 50, listed=["unknown: x"] * 60).lines("kill")
    assert lines.count("  lost: x") == 40
    assert lines.count("  … and 10 more in var/faults.json") == 1
    assert lines.count("  unknown: x") == 60
