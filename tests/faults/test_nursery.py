"""What is forked is a process of its own, known to the campaign as if that had started it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local.processes import has_ended, identify
from config.local.records import Record
from tests.faults.nursery import FORKS, Nursery
from tests.faults.waiting import until

pytestmark = [pytest.mark.feature("B14", enters="stack"), pytest.mark.skipif(not FORKS, reason="Linux only")]
APP = "config.celery"


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    me = identify(os.getpid())
    assert me
    made = Nursery(Record(tmp_path / "record.json", me, scratch=str(tmp_path)), tmp_path / "nursery.log")
    yield made
    made.close()


def test_it_does_what_celery_is_told_and_its_end_is_known(nursery: Nursery, tmp_path: Path) -> None:
    log = tmp_path / "worker-1.log"
    child = nursery.fork(APP, os.environ, ["python", "-m", "celery", "--version"], log, "worker-1.2")
    assert child.wait(20) == 0
    assert log.read_text(encoding="utf-8").strip()
    assert has_ended(child)


def test_it_leads_a_group_of_its_own_and_can_be_killed(nursery: Nursery, tmp_path: Path) -> None:
    url = "redis://127.0.0.1:1/0"  # nobody is there: it tries again and again
    argv = ["python", "-m", "celery", "-b", url, "-A", APP, "worker", "-P", "solo"]
    child = nursery.fork(APP, os.environ, argv, tmp_path / "worker-1.log", "worker-1.2")
    until(lambda: os.getpgid(child.pid) == child.pid, 20, "it leads its group")
    assert child.poll() is None
    os.killpg(child.pid, signal.SIGKILL)
    assert child.wait(20) == -signal.SIGKILL
