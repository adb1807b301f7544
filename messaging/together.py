"""How do requests of the same moment share one transaction? One of them leads, and does the work of all that wait.

Whoever comes while work is under way waits; when that ends, one of those that wait does the work of them all. So one
alone waits for nobody, and the more come, the more share a commit. No thread of its own is needed, and each caller has
its answer after the commit that holds its work. While it is ill (what it needs is away), nobody waits for long: after
a rest, in which those who had to wait for their turn are told so, one at a time finds out whether that is over.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class TooLong(Exception):
    """This was not waited for: the work took too long, or it is ill. It may be done all the same."""


@dataclass(eq=False)
class _Waiting(Generic[Asked, Answer]):
    asked: Asked
    begun: bool = False
    answer: Answer | None = None
    error: Exception | None = None
    done: bool = False


class Together(Generic[Asked, Answer]):
    """A work that many callers' threads do together."""

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Sequence[Answer]],
        for_all: tuple[type[Exception], ...],
        patience: float,
        rest: float = 0.0,
    ) -> None:
        """`work` answers all or none, in their order, and has then committed. After an error of `for_all` all of them
        get that error, and it is ill until it works again; after another each is tried alone, so that one cannot spoil
        it for the others. Nobody waits for more than `patience` seconds for another's work. After it fell ill it is
        not tried for `rest` seconds, and then whoever tries it is waited for no longer than so long."""
        self._work = work
        self._for_all = for_all
        self._patience, self._rest = patience, rest
        self._changed = threading.Condition()
        self._led = False
        self._rests_until = self._ill_until = self._led_since = float("-inf")
        self._waiting: list[_Waiting[Asked, Answer]] = []

    def ask(self, asked: Asked) -> Any:
        """The answer to this one. Raises what `work` raises for it, and TooLong."""
        own = _Waiting[Asked, Answer](asked)
        with self._changed:
            if time.monotonic() < self._rests_until:
                raise TooLong
            self._waiting.append(own)
            self._wait_for(own)
            group: list[_Waiting[Asked, Answer]] = []
            if not own.done:
                self._led, self._led_since = True, time.monotonic()
                group, self._waiting = self._waiting, []
                for one in group:
                    one.begun = True
        if group:
            self._lead(group)
        if own.error is not None:
            raise own.error
        return own.answer

    def _wait_for(self, own: _Waiting[Asked, Answer]) -> None:
        """Until it is done, or its own to lead. Raises TooLong."""
        until = time.monotonic() + self._patience
        while self._led and not own.done:
            ill = time.monotonic() < self._ill_until and not own.begun
            left = (min(until, self._led_since + self._rest) if ill else until) - time.monotonic()
            if left <= 0:
                if not own.begun:
                    self._waiting.remove(own)
                raise TooLong
            self._changed.wait(left)

    def _lead(self, group: list[_Waiting[Asked, Answer]]) -> None:
        try:
            self._answer(group)
        finally:
            with self._changed:
                self._led = False
                told: list[_Waiting[Asked, Answer]] = []
                self._ill_until = float("-inf")
                if any(isinstance(one.error, self._for_all) for one in group):
                    self._rests_until = time.monotonic() + self._rest
                    self._ill_until = self._rests_until + self._patience
                    told, self._waiting = self._waiting, []
                for one in [*group, *told]:
                    one.done = True
                    if one.answer is None and one.error is None:  # not begun, or its leader was ended in the midst
                        one.error = TooLong()
                self._changed.notify_all()

    def _answer(self, group: list[_Waiting[Asked, Answer]]) -> None:
        try:
            for one, answer in zip(group, self._work([one.asked for one in group]), strict=True):
                one.answer = answer
        except Exception as error:
            if len(group) == 1 or isinstance(error, self._for_all):
                for one in group:
                    one.error = error
                return
            for one in group:
                self._answer([one])
