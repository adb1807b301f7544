"""Who has this checkout's servers? One command at a time, by a lock that dies with its holder.

A PID file left behind means nothing: the operating system frees the lock of a killed process by itself.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.local.places import make
from config.local.problem import Problem


class Taken(Problem):
    """Another process holds the lock."""


@contextmanager
def held(path: Path, seconds: float = 0.0, with_children: bool = False) -> Iterator[None]:
    """Hold the lock at `path`, waiting up to `seconds` for it. Raises Taken.

    `with_children`: a child started with `close_fds=False` goes on holding it, should we be killed before the child.
    """
    make(path.parent, 0o711)
    deadline = time.monotonic() + seconds
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(lock, with_children)
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Taken(f"Another command of this checkout holds {path}.") from None
                time.sleep(0.1)  # the kernel gives no lock with a deadline: asked again until the deadline
        yield
    finally:
        os.close(lock)
