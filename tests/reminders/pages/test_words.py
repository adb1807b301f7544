"""Every code that can be shown has its words."""

from enum import StrEnum

import pytest
from django.utils import translation

from messaging.channels import Channel
from messaging.outcomes import FAILURES, AttemptState, FailureKind, Owner, Phase
from reminders.gates import CATALOGUE, Who
from reminders.kinds import IN_FLIGHT_STATES, OPEN_STATES, Kind, Origin, State
from reminders.pages import words
from reminders.pages.gate_values import gate_value
from reminders.pages.masking import masked


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (words.WORD_OF, State),
        (words.STATE_SENTENCE, State),
        (words.CHANNEL, Channel),
        (words.CHANNEL_ICON, Channel),
        (words.KIND, Kind),
        (words.KIND_NOTE, Kind),
        (words.ORIGIN, Origin),
        (words.ATTEMPT, AttemptState),
        (words.OWNER, Owner),
        (words.PHASE, Phase),
        (words.FAILURE, FailureKind),
        (words.WHO, Who),
    ],
)
def test_every_code_has_words(table: dict[str, object], codes: type[StrEnum]) -> None:
    assert set(table) == set(codes)


@pytest.mark.feature(119, 120, 121, enters="the words of the pages")
def test_the_four_words_of_staff_mean_what_the_states_say() -> None:
    assert words.WORD_OF[State.HANDED_OVER] is words.SENT
    assert {state for state, word in words.WORD_OF.items() if word is words.SENT} == {State.HANDED_OVER}
    pending = {state for state, word in words.WORD_OF.items() if word is words.PENDING}
    assert pending == OPEN_STATES | IN_FLIGHT_STATES
    errors = {state for state, word in words.WORD_OF.items() if word is words.ERROR}
    assert errors == {State.FAILED, State.EXPIRED, State.UNCERTAIN}


@pytest.mark.feature(123, 127, enters="the words of the pages")
@pytest.mark.parametrize("language", ["en", "es", "it", "pt-br"])
def test_every_failure_has_a_cause_a_next_step_and_an_owner_in_each_language(language: str) -> None:
    with translation.override(language):
        for kind in FailureKind:
            cause, step = words.FAILURE[kind]
            assert str(cause).endswith(".") and str(step).endswith(".")
            assert str(words.OWNER[FAILURES[kind].owner])


@pytest.mark.parametrize("language", ["es", "it", "pt-br"])
def test_no_two_of_sent_accepted_and_delivered_share_a_word(language: str) -> None:
    with translation.override(language):
        sent, accepted = str(words.SENT.word), str(words.ATTEMPT[AttemptState.ACCEPTED])
        delivered = str(words.ATTEMPT[AttemptState.DELIVERED]).split(",")[0]
        assert not accepted.startswith(delivered) and sent != delivered and not accepted.startswith(sent)


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("due", "2041-01-16T09:00:00+00:00", "Wed, Jan 16 09:00"),
        ("due", "2041-01-16T09:00:00.123456+00:00", "Wed, Jan 16 09:00"),
        ("consent_channel_off", "email", "E-mail"),
        ("status_not_eligible", "no_show", "No-show"),
        ("reminded_elsewhere", "in_person", "in person"),
        ("preferred_channel_differs", "none", "no channel at all"),
        ("merge_field_empty", "CLINICIAN, LOCATION", "Practitioner, Location"),
        ("rule_filter_mismatch", "practitioner, type", "practitioner, type of visit"),
        ("kind_off_for_practitioner", "confirmation", "Confirmation request"),
        ("paused", "2041-01-16T09:00:00+00:00", "until Wed, Jan 16 09:00"),
        ("landline", "sms", "SMS"),
        ("moved", "2", ""),
        ("clinic_suspended", "", ""),
    ],
)
def test_what_a_gate_saw_is_told_in_words(code: str, value: str, shown: str) -> None:
    with translation.override("en"):
        assert str(gate_value(code, value)) == shown


def test_every_gate_of_the_catalogue_says_two_different_things() -> None:
    assert all(str(gate.passed) != str(gate.failed) for gate in CATALOGUE.values())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ana.garcia@example.org", "a•••@e•••.org"),
        ("a@b.c", "a•••@b•••.c"),
        ("x@localhost", "x•••@l•••"),
        ("+34600123412", "+34•••12"),
        ("112", "•••"),
        ("", ""),
    ],
)
def test_a_masked_address_can_be_recognised_but_not_used(address: str, shown: str) -> None:
    assert masked(address) == shown
