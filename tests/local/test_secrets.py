"""A checkout's passwords and keys are made once and stay with its user."""

from pathlib import Path

import pytest

from config.local.problem import Problem
from config.local.secrets import load_or_make


def test_the_file_may_be_read_by_its_user_only_and_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secrets.json"
    made = load_or_make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_make(path) == made


def test_two_checkouts_share_no_secret(tmp_path: Path) -> None:
    one, other = load_or_make(tmp_path / "1.json"), load_or_make(tmp_path / "2.json")
    assert one.secret_key != other.secret_key and one.app_password != other.app_password


def test_a_secret_that_an_older_file_lacks_is_made_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"secret_key": "old"}')
    made = load_or_make(path)
    assert made.secret_key == "old"
    assert load_or_make(path) == made


def test_a_damaged_file_is_said_in_one_line_and_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"secret_key": "ol')
    with pytest.raises(Problem, match=r"secrets.json is damaged") as problem:
        load_or_make(path)
    assert "\n" not in str(problem.value)
    assert path.read_text() == '{"secret_key": "ol'
