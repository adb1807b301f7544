"""Does `run.py bench` compare in turns, say one line a figure, and fail where a must is missed? No time is asserted."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

import pytest

from config.local.places import ROOT
from reminders.decision import Verdict, decide
from tests.bench import __main__ as command
from tests.bench import bench_decide
from tests.bench.figure import Figure
from tests.bench.loaded_facts import questions
from tests.bench.registry import BENCHMARKS, need_servers
from tests.bench.turns import Side, in_turns

REACHED = Figure(0.3, 0.3, 0.6, {"decided_per_s": 21000})
MISSED = Figure(0.29, 0.3, 0.6, {"decided_per_s": 20000})


def register(monkeypatch: pytest.MonkeyPatch, **figures: list[Figure]) -> None:
    """Puts benchmarks that have their figures already in the place of the real ones."""
    monkeypatch.setattr(command, "BENCHMARKS", {name: partial(iter, given) for name, given in figures.items()})


def test_a_figure_is_one_line_with_its_metrics_first_and_its_verdict_last() -> None:
    assert REACHED.line("one") == "bench one decided_per_s=21000 ratio=0.30 must=0.3 aim=0.6 verdict=pass"
    assert MISSED.line("one") == "bench one decided_per_s=20000 ratio=0.29 must=0.3 aim=0.6 verdict=fail"


def test_without_a_name_every_benchmark_runs_and_one_miss_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    register(monkeypatch, one=[MISSED, REACHED], two=[REACHED])
    assert command.main([]) == 1
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["one", "one", "two"]


def test_with_a_name_only_that_one_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    register(monkeypatch, one=[MISSED], two=[REACHED])
    assert command.main(["two"]) == 0
    assert capsys.readouterr().out == f"{REACHED.line('two')}\n"


def test_a_benchmark_that_breaks_off_has_failed_and_silences_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks() -> Iterator[Figure]:
        yield REACHED
        raise ZeroDivisionError

    monkeypatch.setattr(command, "BENCHMARKS", {"one": breaks, "two": partial(iter, [REACHED])})
    assert command.main(["one", "two"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [REACHED.line("one"), "bench one broke_off=ZeroDivisionError verdict=fail", REACHED.line("two")]


def test_an_unknown_name_is_answered_with_the_known_ones_in_one_line() -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE", "REDIS"))}
    argv = [sys.executable, "-m", "config.local", "bench", "decied"]
    said = subprocess.run(argv, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == f"There is no benchmark decied; there are: {', '.join(BENCHMARKS)}.\n"


def test_two_sides_run_in_turns_and_swap_in_every_round() -> None:
    ran: list[str] = []

    def rounds() -> Iterator[tuple[Side, Side]]:
        for number in range(4):
            ran.append(str(number))
            yield partial(ran.append, "ours"), partial(ran.append, "theirs")

    in_turns(rounds())
    assert " ".join(ran) == "0 ours theirs 1 theirs ours 2 ours theirs 3 theirs ours"


def test_the_ratio_is_the_median_of_the_rounds_without_the_first() -> None:
    now = 0.0

    def lasts(seconds: float) -> None:
        nonlocal now
        now += seconds

    took = [(9.0, 1.0), (2.0, 1.0), (4.0, 1.0), (10.0, 10.0)]
    found = in_turns(((partial(lasts, ours), partial(lasts, theirs)) for ours, theirs in took), clock=lambda: now)
    assert found.ratios == [0.5, 0.25, 1.0]
    assert found.ratio == 0.5


def test_the_figure_decide_counts_what_it_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_decide, "_ROUNDS", 3)
    monkeypatch.setattr(bench_decide, "_QUESTIONS", 5)
    [figure] = bench_decide.run()
    facts, now = questions(0, 1)[0]
    assert (figure.must, figure.aim) == (0.3, 0.6)
    assert figure.metrics["rounds"] == 2
    assert figure.metrics["gates"] == len(decide(facts, now).gates)


def test_the_decisions_asked_for_are_fully_loaded_and_no_two_are_alike() -> None:
    asked = questions(1, 300)
    decisions = [decide(facts, now) for facts, now in asked]
    seen = {gate.code for decision in decisions for gate in decision.gates if gate.passed is not None}
    assert {gate.code for gate in decisions[0].gates} - seen == set()
    assert {decision.verdict for decision in decisions} >= {Verdict.SEND, Verdict.WAIT}
    assert len({(facts.appointment.start, facts.clinic.hours.zone) for facts, _ in asked}) > 290
    assert questions(1, 300) == asked


@pytest.mark.parametrize(
    ("names", "needed"),
    [(["decide"], False), (["replan"], True), (["decide", "replan"], True), ([], True), (["x"], False)],
)
def test_servers_are_started_for_those_alone_that_need_them(names: list[str], needed: bool) -> None:
    assert need_servers(names) is needed
