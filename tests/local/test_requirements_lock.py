"""A damaged lock file is found before anything is downloaded or removed."""

from pathlib import Path

import pytest

from config.local import requirements_lock
from config.local.places import ROOT
from config.local.problem import Problem

LOCKS = ROOT / "requirements"
WHOLE = (LOCKS / "runtime.lock").read_text()


@pytest.mark.parametrize("name", ["local", "runtime", "npm"])
def test_the_lock_files_of_this_checkout_are_whole(name: str) -> None:
    requirements_lock.check(LOCKS / f"{name}.lock", LOCKS / f"{name}.in")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "its end is missing, and with it"),
        (WHOLE[: WHOLE.index("\ngunicorn==")] + "\n", "and with it gunicorn"),
        (WHOLE[: len(WHOLE) // 2], "cannot be read|its end is missing"),
        (WHOLE[: WHOLE.index("\n", len(WHOLE) // 2)], "its end is missing"),
        (WHOLE.replace("sha256:0", "sha256:x", 1), "line .* cannot be read"),
        (WHOLE.replace("django==", "django>=", 1), "line .* cannot be read"),
        ("<<<<<<< HEAD\n" + WHOLE, "line 1 cannot be read"),
        ("\0\0\0\0", "line 1 cannot be read"),
    ],
)
def test_damage_is_said_in_one_line_with_the_remedy(tmp_path: Path, content: str, words: str) -> None:
    lock = tmp_path / "runtime.lock"
    lock.write_text(content)
    with pytest.raises(Problem, match=words) as problem:
        requirements_lock.check(lock, LOCKS / "runtime.in")
    assert "git checkout requirements/runtime.lock" in str(problem.value)
    assert "\n" not in str(problem.value)
