"""An import that takes long says how far it is; a short one says nothing."""

import io

from appointments.importing.progress import ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(stream: io.StringIO, seconds: int) -> str:
    """100 rows in so many seconds."""
    moments = iter([0.0, *(moment * seconds / 100 for moment in range(100) for _ in range(2))])
    progress = ProgressLine(stream, lambda: next(moments))
    for done in range(100):
        progress("Checking", done, 100)
    progress.end()
    return stream.getvalue()


def test_a_short_import_says_nothing() -> None:
    assert run(io.StringIO(), 2) == run(Terminal(), 0) == ""


def test_a_log_gets_a_line_every_few_seconds() -> None:
    lines = run(io.StringIO(), 25).splitlines()
    assert 2 <= len(lines) <= 5
    assert all(line.startswith("Checking: ") and line.endswith(" %)") for line in lines)


def test_whoever_saw_a_line_is_told_at_once_when_something_else_begins() -> None:
    stream = io.StringIO()
    moments = iter([0.0, 6.0, 6.0, 7.0, 7.0, 8.0])
    progress = ProgressLine(stream, lambda: next(moments))
    progress("Checking", 90, 100)
    progress("Writing patients", 0, 60)
    progress("Writing patients", 1, 60)
    assert stream.getvalue() == "Checking: 90 of 100 (90 %)\nWriting patients: 60\n"


def test_a_terminal_gets_one_line_that_is_taken_away_at_the_end() -> None:
    said = run(Terminal(), 25)
    assert "\n" not in said and said.count("Checking") > 5 and said.endswith("\r\033[K")
