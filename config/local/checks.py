"""What must hold before a change is taken? `run.py check`: one line per check, everything it said where it failed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from config.local import environment, foreground
from config.local.preparation import prepare
from config.local.report import say
from config.local.secrets import Secrets

#: `check --deploy` judges production: https, a host name, no sandbox.
_PRODUCTION = {
    "BASE_URL": "https://avisa.example",
    "ALLOWED_HOSTS": "avisa.example",
    "DEBUG": "0",
    "SANDBOX_TOKEN": "",
    "MESSAGING_ALLOWED_PRIVATE_TARGETS": "",
}


@dataclass(frozen=True)
class Check:
    """One check: its name, the words that run it, and variables of its own."""

    name: str
    argv: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)


_IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
CHECKS = (
    Check("ruff check", ("-m", "ruff", "check", "--output-format", "concise", ".")),
    Check("ruff format", ("-m", "ruff", "format", "--check", "--output-format", "concise", ".")),
    Check("mypy", ("-m", "mypy", ".")),
    Check("import-linter", ("-c", _IMPORTS)),
    Check("missing migrations", ("-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run")),
    Check("missing translations", ("manage.py", "check_messages")),
    Check("check --deploy", ("manage.py", "check", "--deploy", "--fail-level", "WARNING"), _PRODUCTION),
)


def check(arguments: Sequence[str]) -> int:
    """Run every check, also after one has failed; 1 if any did."""
    prepare()
    variables = environment.without_servers(Secrets())
    failed = [one.name for one in CHECKS if not _passes(one, variables)]
    say(f"{len(failed)} of {len(CHECKS)} checks failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(one: Check, variables: dict[str, str]) -> bool:
    began = time.monotonic()
    argv = foreground.python(*one.argv)
    code, words, complaints = foreground.run_quietly(argv, {**variables, **one.variables})
    say(f"{one.name}: {'FAILED' if code else 'ok'} ({time.monotonic() - began:.1f} s)")
    if code:
        say(words + complaints)
    return code == 0
