"""Which command was asked for? Runs inside `.venv`; `run.py` has made it and goes on here."""

import sys
from collections.abc import Callable, Sequence

from config.local import checks, foreground, management, stack, testing
from config.local.problem import Problem, in_words
from config.local.report import speak_to_any_terminal

_COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "start": stack.start,
    "check": checks.check,
    "test": testing.test,
    "faults": testing.faults,
    "manage": management.manage,
    "bench": testing.bench,
}


def main(command: str, arguments: Sequence[str]) -> int:
    """Run a command; its exit code. What went wrong is one line on stderr."""
    foreground.end_on_signals()
    speak_to_any_terminal()
    try:
        return _COMMANDS[command](arguments)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as error:
        print(in_words(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
