"""What has to be there before anything of ours can run? (Standard library only.)"""

import os
import sys
from collections.abc import Sequence

from config.local import front_end, places, python_environment
from config.local.foreground import end_on_signals
from config.local.lock import Taken, held
from config.local.problem import Problem, in_words
from config.local.report import say, speak_to_any_terminal

COMMANDS = ("start", "test", "check", "bench", "faults", "manage")
_USAGE = f"""usage: python3 run.py [--port N]           start everything; Ctrl-C stops it
       python3 run.py test [pytest arguments]
       python3 run.py {{{"|".join(COMMANDS[2:])}}} [arguments]"""


def main(arguments: Sequence[str]) -> int:
    """Bring the environment up to date, then go on inside it; returns only if that is not possible."""
    end_on_signals()
    speak_to_any_terminal()
    if arguments and arguments[0] in ("-h", "--help"):
        say(_USAGE)
        return 0
    command, rest = ("start", list(arguments))
    if arguments and not arguments[0].startswith("-"):
        command, rest = arguments[0], list(arguments[1:])
    if command not in COMMANDS:
        print(_USAGE, file=sys.stderr)
        return 2
    try:
        _ensure()
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as error:
        print(in_words(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the next start goes on from here.", file=sys.stderr)
        return 130
    python = str(python_environment.python_of(places.VENV))
    os.chdir(places.ROOT)
    os.execv(python, [python, "-X", "utf8", "-m", "config.local", command, *rest])


def _ensure() -> None:
    """One set-up at a time in a checkout; a second command waits for the first."""
    if os.name != "posix":
        raise Problem("Avisa runs on Linux and macOS; on Windows use WSL.")
    lock = places.SHARED / "set-up.lock"
    try:
        with held(lock, with_children=True):
            _steps()
    except Taken:
        say("Another command is setting this checkout up: waiting for it ...")
        with held(lock, 1800, with_children=True):
            _steps()


def _steps() -> None:
    python_environment.ensure()
    front_end.ensure()
