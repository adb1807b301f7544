"""What an unforeseen message may hold up is not held against the forecast; what went before it is."""

from datetime import UTC, datetime, timedelta

from tests.forecast.unforeseen import Name, Sent, disturbed

NOON = datetime(2027, 3, 26, 12, tzinfo=UTC)


def name(visit: int, rule: int, route: str = "primary") -> Name:
    return (visit, rule, "o1", route, 1)


def sent(row: Name, hours: int, patient: int = 1, channel: str = "email") -> Sent:
    return (row, (patient, channel), NOON + timedelta(hours=hours))


def test_without_anything_unforeseen_every_forecast_counts() -> None:
    assert disturbed((), [sent(name(1, 1), 1)], [sent(name(1, 1), 1)]) == set()


def test_only_what_comes_later_to_the_same_patient_over_the_same_channel_is_held_up() -> None:
    surprise = name(1, 1, "fallback")
    before, held_up, another, by_text = name(1, 2), name(2, 1), name(3, 1), name(4, 1)
    forecast = [sent(before, 1), sent(held_up, 3), sent(another, 3, patient=2), sent(by_text, 3, channel="sms")]
    assert disturbed([surprise], [sent(surprise, 2), sent(before, 1)], forecast) == {surprise, held_up}


def test_the_fallback_of_what_was_held_up_holds_up_others_in_turn() -> None:
    surprise, held_up, opened, text = name(1, 1, "fallback"), name(2, 1), name(2, 1, "fallback"), name(3, 1)
    arrived = [sent(surprise, 2), sent(opened, 4, channel="sms")]
    forecast = [sent(held_up, 3), sent(text, 5, channel="sms")]
    assert disturbed([surprise], arrived, forecast) == {surprise, held_up, opened, text}


def test_what_was_to_go_just_before_may_have_been_held_up_too() -> None:
    surprise, just_before = name(1, 1, "fallback"), name(2, 1)
    went = (surprise, (1, "email"), NOON + timedelta(seconds=13))
    assert disturbed([surprise], [went], [sent(just_before, 0)]) == {surprise, just_before}
