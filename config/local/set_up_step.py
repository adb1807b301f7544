"""How does one step of the set-up (venv, pip, npm) run, so that nothing of it outlives us? (Standard library only.)"""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

from config.local import places
from config.local.processes import signal_group


def run(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a step to its end, all it says kept in the set-up's log: (exit code, what it said).

    Ctrl-C and SIGTERM end it with everything that it started. If we are killed, it goes on holding the set-up's lock
    with its open file, so that no second set-up begins beside it.
    """
    places.make(places.SET_UP_LOG.parent)
    with places.SET_UP_LOG.open("a") as log:
        log.write(f"$ {' '.join(argv)}\n")
        log.flush()
        step = subprocess.Popen(
            list(argv),
            cwd=places.ROOT,
            env=dict(environment if environment is not None else os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            close_fds=False,
        )
        try:
            words, _ = step.communicate()
        except BaseException:
            signal_group(step.pid, signal.SIGKILL)
            step.wait()
            raise
        log.write(words)
    return step.returncode, words
