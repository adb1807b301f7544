"""How does a sender die, or fall asleep, at exactly one point? It does so itself. Senders are forked, each armed anew.

Runs as a program with the stack's environment: `python -m tests.faults.pointed`. Each line on stdin is an order, as
JSON: {"point": …, "hit": …}: a sender drains until it reaches the point for the hit-th time, and kills itself; with
"sleeps" it stops there instead, and {"wake": its number} lets it go on with what it had, to its end. Each line on
stdout says what came of it: {"claimed": the reminders of the last claim, "reached": …, "number": of a sleeping sender}.
"""

import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

#: Where each step of a reminder's way is called from: (module, name). Those of `_COMMITTED` end with a commit of their
#: caller's, so "after" is after that.
STEPS = {
    "claim": ("reminders.queue", "claim"),
    "decide": ("reminders.prepare", "decide"),
    "begin": ("reminders.prepare", "begin"),
    "call": ("messaging.delivery", "call"),
    "finish": ("messaging.marks", "write_marks"),
    "settle": ("reminders.drain", "settle_calls"),
}
_COMMITTED = ("begin", "settle")
POINTS = tuple(f"{side} {step}" for step in STEPS for side in ("before", "after"))
#: A sender has so long to reach its point.
_SECONDS = 20.0
#: A claim takes few, so that a campaign needs few; one lane at a time, so that what died is exactly known.
_CLAIM_EACH = 4
_slept = threading.Event()


def main() -> None:
    """Forks a sender for each order. No connection and no thread may exist here."""
    asleep: set[int] = set()
    try:
        with TemporaryDirectory() as folder:
            for number, line in enumerate(sys.stdin):
                order = json.loads(line)
                told = _wake(order, asleep) if "wake" in order else _fork(order, Path(folder) / str(number), asleep)
                print(json.dumps(told), flush=True)
    finally:
        for pid in asleep:
            _end(pid)


def _wake(order: dict[str, Any], asleep: set[int]) -> dict[str, Any]:
    pid = order["wake"]
    if pid in asleep:
        asleep.remove(pid)
        os.kill(pid, signal.SIGCONT)
        _reached(pid, sleeps=False)
    return {}


def _fork(order: dict[str, Any], journal: Path, asleep: set[int]) -> dict[str, Any]:
    journal.write_text("[]", encoding="utf-8")
    pid = os.fork()
    if pid == 0:
        asleep.clear()
        _send(order, journal)
    reached = _reached(pid, order.get("sleeps", False))
    if reached and order.get("sleeps"):
        asleep.add(pid)
    return {"claimed": json.loads(journal.read_text()), "reached": reached, "number": pid}


def _reached(pid: int, sleeps: bool) -> bool:
    """Whether it killed itself, or stopped, in its time, and did not end otherwise; one that goes on is killed."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        changed, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if changed and os.WIFSTOPPED(status):
            return sleeps
        if changed:
            return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL and not sleeps
        time.sleep(0.005)
    _end(pid)
    return False


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _send(order: dict[str, Any], journal: Path) -> None:
    """A sender's whole life; never returns."""
    try:
        from django.conf import settings

        from reminders import lanes, queue
        from reminders.drain import work_off

        queue.CLAIM_EACH, lanes.LANES_A_THREAD = _CLAIM_EACH, 1
        _note_claims(journal)
        _arm(order["point"], order["hit"], _sleep if order.get("sleeps") else _die)
        while not _slept.is_set():  # one that was woken goes on with what it had, and ends
            work_off(lanes.lanes(), settings.DRAIN_SECONDS)
            time.sleep(0.02)
    finally:
        os._exit(1)


def _note_claims(journal: Path) -> None:
    from reminders import queue

    claim = queue.claim

    def noted(*given: Any, **more: Any) -> Any:
        if _slept.is_set():  # what it had is the matter, not what it would take now
            return {}
        claims = claim(*given, **more)
        if claims:
            ids = [one.reminder_id for own in claims.values() for one in own]
            journal.write_text(json.dumps(ids), encoding="utf-8")
        return claims

    queue.claim = noted


def _arm(point: str, hit: int, act: Callable[[], None]) -> None:
    side, _, step = point.partition(" ")
    module, name = STEPS[step]
    place = importlib.import_module(module)
    setattr(place, name, _wrapped(getattr(place, name), (side, step), hit, act))


def _wrapped(
    function: Callable[..., Any], point: tuple[str, str], hit: int, act: Callable[[], None]
) -> Callable[..., Any]:
    (side, step), left = point, hit

    def wrapped(*given: Any, **more: Any) -> Any:
        nonlocal left
        if step == "finish" and not given[0]:  # only starts are marked here: no call has ended
            return function(*given, **more)
        left -= 1
        if left == 0 and side == "before":
            act()
        result = function(*given, **more)
        if step == "claim" and not result:  # nothing was claimed: that is no claim
            left += 1
        elif left == 0 and side == "after":
            _act_after(step, act)
        return result

    return wrapped


def _act_after(step: str, act: Callable[[], None]) -> None:
    from django.db import transaction

    if step in _COMMITTED:
        transaction.on_commit(act)
    else:
        act()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # the signal comes at once; nothing else may happen here


def _sleep() -> None:
    _slept.set()
    os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    import django

    django.setup()
    import reminders.tasks  # noqa: F401  # so that each fork has everything

    main()
