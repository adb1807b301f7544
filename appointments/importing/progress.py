"""How far is an import? One line for whoever waits at the terminal; silent where it is over at once.

Goes to standard error, so that the report stays alone on standard output. On a terminal the line is written over,
elsewhere (a log) it is a new line, and seldom.
"""

import time
from collections.abc import Callable
from typing import TextIO

#: Told what is being done (a word), how many rows of it are done, and of how many.
Progress = Callable[[str, int, int], None]
#: Seconds of silence first, and then between two lines.
_ON_TERMINAL, _ELSEWHERE = 0.5, 5.0
_CLEAR = "\r\033[K"


def say_nothing(doing: str, done: int, of: int) -> None:
    """For callers whose reader sees no lines."""


class ProgressLine:
    """The progress of one import, written to `stream`."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._stream, self._clock = stream, clock
        self._terminal = stream.isatty()
        self._apart = _ON_TERMINAL if self._terminal else _ELSEWHERE
        self._next = clock() + self._apart
        self._shown = ""

    def __call__(self, doing: str, done: int, of: int) -> None:
        """Shows it, if it is time, or if after a line that was shown something else is being done."""
        if self._clock() < self._next and self._shown in ("", doing):
            return
        self._next = self._clock() + self._apart
        line = f"{doing}: {done} of {of} ({100 * done // max(of, 1)} %)" if done else f"{doing}: {of}"
        self._stream.write(f"{_CLEAR}{line}" if self._terminal else f"{line}\n")
        self._stream.flush()
        self._shown = doing

    def end(self) -> None:
        """Takes the line off a terminal again."""
        if self._shown and self._terminal:
            self._stream.write(_CLEAR)
            self._stream.flush()
