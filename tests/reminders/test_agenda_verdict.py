"""The fortnight's verdict sees each kind of fault: it would be worth nothing if it passed whatever it is given."""

from dataclasses import replace

import pytest

from tests.faults.agenda_verdict import Arrival, Told, Verdict, compare

TOLD = Told("madrid", "email", "ana@correo.example", "Ana", "2027-03-25 10:30")
NAMES = {"madrid": "Clínica Nogal", "milano": "Studio Betulla"}
HERE = Arrival(TOLD, NAMES["madrid"], 7, 1)


def judge(*arrivals: Arrival) -> dict[str, int]:
    verdict: Verdict = compare([(TOLD, 7)], arrivals, NAMES)
    assert len(verdict.findings) == len(verdict.counts)
    return dict(verdict.counts)


def test_a_reminder_that_came_once_in_its_step_is_no_finding() -> None:
    assert judge(HERE) == {}


@pytest.mark.parametrize(
    ("arrivals", "found"),
    [
        ([], {"lost": 1}),
        ([HERE, HERE, HERE], {"duplicated": 2}),
        ([replace(HERE, step=6)], {"early": 1}),
        ([replace(HERE, step=8)], {"late": 1}),
        ([HERE, replace(HERE, told=TOLD.elsewhere("milano"), names="Studio Betulla")], {"foreign": 1}),
        ([HERE, replace(HERE, names="Studio Betulla")], {"foreign": 1}),
        ([HERE, replace(HERE, told=replace(TOLD, wall="2027-03-25 11:30"))], {"unexpected": 1}),
        ([replace(HERE, told=replace(TOLD, address="eva@correo.example"))], {"lost": 1, "unexpected": 1}),
    ],
)
def test_every_kind_of_fault_is_found(arrivals: list[Arrival], found: dict[str, int]) -> None:
    assert judge(*arrivals) == found


def test_two_visits_that_read_alike_are_two_reminders() -> None:
    assert compare([(TOLD, 7), (TOLD, 7)], [HERE, HERE], NAMES).findings == []
    assert compare([(TOLD, 7), (TOLD, 7)], [HERE], NAMES).counts["lost"] == 1
