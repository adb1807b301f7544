"""Callers of the same moment share one work: all that wait when it begins, and nobody pays for another's error."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from messaging.together import Together, TooLong


class Away(Exception):
    """Concerns all."""


class Work:
    """Doubles numbers; stands still while `gate` is closed."""

    def __init__(self) -> None:
        self.gate, self.groups = threading.Event(), list[list[int]]()
        self.raises: Callable[[Sequence[int]], None] = lambda numbers: None

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.groups.append(list(numbers))
        assert self.gate.wait(10)
        self.raises(numbers)
        return [2 * number for number in numbers]


@dataclass
class Asked:
    """What each comes to, and by what more can be asked."""

    together: Together[int, int]
    pool: ThreadPoolExecutor
    each: list["Future[int]"]


@contextmanager
def many(work: Work, numbers: Sequence[int], patience: float = 10) -> Iterator[Asked]:
    """Asks for all, the first of them alone, the others while that stands still."""
    together = Together[int, int](work, (Away,), patience)
    with ThreadPoolExecutor(len(numbers)) as pool:
        futures = [pool.submit(together.ask, numbers[0])]
        reached(lambda: work.groups == [[numbers[0]]])
        futures += [pool.submit(together.ask, number) for number in numbers[1:]]
        reached(lambda: len(together._waiting) == len(numbers) - 1)
        yield Asked(together, pool, futures)
        work.gate.set()


def reached(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def ends(futures: list["Future[int]"]) -> list[Any]:
    return [future.exception(10) and type(future.exception()) or future.result() for future in futures]


def test_one_alone_waits_for_nobody() -> None:
    work = Work()
    work.gate.set()
    together = Together(work, (), 10)
    assert [together.ask(number) for number in (1, 2)] == [2, 4]
    assert work.groups == [[1], [2]]


def test_all_that_come_during_a_work_share_the_next() -> None:
    work = Work()
    with many(work, [1, 2, 3, 4, 5]) as futures:
        work.gate.set()
        assert ends(futures.each) == [2, 4, 6, 8, 10]
    assert [sorted(group) for group in work.groups] == [[1], [2, 3, 4, 5]]


def test_an_error_of_one_is_his_alone() -> None:
    def three(numbers: Sequence[int]) -> None:
        if 3 in numbers:
            raise ValueError

    work = Work()
    work.raises = three
    with many(work, [1, 2, 3, 4]) as futures:
        work.gate.set()
        assert ends(futures.each) == [2, 4, ValueError, 8]
    assert sorted(work.groups[2:]) == [[2], [3], [4]]


def test_an_error_that_concerns_all_is_told_to_all_and_nothing_is_tried_again() -> None:
    def away(numbers: Sequence[int]) -> None:
        if len(numbers) > 1:
            raise Away

    work = Work()
    work.raises = away
    with many(work, [1, 2, 3]) as futures:
        work.gate.set()
        assert ends(futures.each) == [2, Away, Away]
    assert len(work.groups) == 2


def test_while_it_is_ill_one_at_a_time_finds_out_and_the_others_are_told_at_once() -> None:
    def away(numbers: Sequence[int]) -> None:
        if sum(numbers) < 4:
            raise Away

    work = Work()
    work.raises = away
    with many(work, [1, 7, 8]) as futures:
        together = futures.together
        work.gate.set()
        assert ends(futures.each) == [Away, TooLong, TooLong]  # nobody waits until his own turn fails too
        work.gate.clear()
        finding_out = futures.pool.submit(together.ask, 3)
        reached(lambda: len(work.groups) == 2)
        began = time.monotonic()
        assert isinstance(futures.pool.submit(together.ask, 9).exception(10), TooLong)
        assert time.monotonic() - began < 5  # its patience is 10 s
        work.gate.set()
        assert isinstance(finding_out.exception(10), Away)
        assert together.ask(4) == 8
    assert work.groups == [[1], [3], [4]]


def test_it_is_not_tried_again_before_it_has_rested() -> None:
    work = Work()
    work.gate.set()

    def away(numbers: Sequence[int]) -> None:
        raise Away

    work.raises = away
    together = Together[int, int](work, (Away,), 10, rest=60)
    with pytest.raises(Away):
        together.ask(1)
    with pytest.raises(TooLong):
        together.ask(2)
    together._rests_until = time.monotonic()
    with pytest.raises(Away):
        together.ask(3)
    assert work.groups == [[1], [3]]


def test_while_it_is_ill_whoever_tries_it_is_waited_for_a_moment() -> None:
    def away(numbers: Sequence[int]) -> None:
        if 1 in numbers:
            raise Away

    work = Work()
    work.gate.set()
    work.raises = away
    together = Together[int, int](work, (Away,), 60, rest=30)
    with pytest.raises(Away):
        together.ask(1)
    together._rests_until = time.monotonic()
    work.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        tries = pool.submit(together.ask, 2)
        reached(lambda: work.groups == [[1], [2]])
        waits = pool.submit(together.ask, 3)
        reached(lambda: len(together._waiting) == 1)  # it works again at once: nobody is sent away for that
        work.gate.set()
        assert ends([tries, waits]) == [4, 6]


def test_what_fell_ill_long_ago_is_taken_to_be_well() -> None:
    work = Work()
    work.gate.set()

    def away(numbers: Sequence[int]) -> None:
        if 1 in numbers:
            raise Away

    work.raises = away
    together = Together[int, int](work, (Away,), 10)
    with pytest.raises(Away):
        together.ask(1)
    together._ill_until = time.monotonic()  # as if that were long ago
    work.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(together.ask, 2)
        reached(lambda: work.groups == [[1], [2]])
        second = pool.submit(together.ask, 3)
        reached(lambda: len(together._waiting) == 1)  # it waits for its turn, and is not sent away
        work.gate.set()
        assert (first.result(10), second.result(10)) == (4, 6)


def test_who_shares_a_work_that_takes_too_long_does_not_wait_for_its_end() -> None:
    work = Work()
    with many(work, [1, 2, 3], patience=0.4) as futures:
        assert isinstance(futures.each[1].exception(10), TooLong)
        assert isinstance(futures.each[2].exception(10), TooLong)


def test_nobody_waits_for_ever_for_the_work_before() -> None:
    work = Work()
    with many(work, [1, 2], patience=0.2) as futures:
        assert isinstance(futures.each[1].exception(10), TooLong)
        work.gate.set()
        assert futures.each[0].result(10) == 2
    assert work.groups == [[1]]
