"""`run.py` itself: what it says of a port, an address or a run that is in the way; a whole start, kills, a stop."""

import json
import os
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from config.local.ports import HOST, free_port
from tests.local.running import Running, alive, running, wait_until

READY = "Ctrl-C stops it"


def one_line(argv: list[str], var: Path, **more: str) -> str:
    """What a start that is refused says: exit code 1, one line, and no server was made."""
    with running(["-m", "config.local", "start", *argv], var, **more) as command:
        assert command.process.wait(60) == 1, command.said
        assert command.said.count("\n") == 1, command.said
        assert not (var / "postgres").exists() and not (var / "valkey").exists()
        return command.said


def test_a_port_that_was_asked_for_and_is_taken_is_one_line_and_nothing_starts(server_folder: Path) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} is not free" in one_line(["--port", str(port)], server_folder / "var")


def test_a_dead_database_is_one_line_without_its_password_and_nothing_starts(server_folder: Path) -> None:
    url = f"postgres://app:geheim@{HOST}:{free_port()}/avisa"
    said = one_line([], server_folder / "var", DATABASE_URL=url, DATABASE_OWNER_URL=url.replace("app", "owner"))
    assert "DATABASE_OWNER_URL" in said and "geheim" not in said


@pytest.mark.smoke
def test_a_whole_start_under_a_long_path_prints_the_log_ins_refuses_a_second_and_stops_clean(
    server_folder: Path,
) -> None:
    var = server_folder / ("long-" * 20) / ("path-" * 20) / "var"
    var.parent.mkdir(parents=True)
    port = str(free_port())
    with running(["run.py", "--port", port], var) as product:
        product.wait_for(READY)
        assert f"http://{HOST}:{port}/" in product.said and "recepcion@clinica-sol.example" in product.said
        with running(["run.py"], var.parent / "second", AVISA_VAR=str(var)) as second:
            assert second.process.wait(60) == 1
            assert f"in this checkout already (process {product.record.owner.pid} at http://" in second.said
        record = product.record
        assert len(alive(record)) == 7
        assert product.end(signal.SIGTERM) == 0
        assert alive(record) == [] and not record.path.exists()
        assert "everything is kept" in product.said


@pytest.mark.slow
def test_kills_of_every_process_and_of_the_supervisor_are_survived(server_folder: Path) -> None:
    var, port = server_folder / "var", str(free_port())
    with running(["run.py", "--port", port], var) as first:
        first.wait_for(READY)
        _restarts_what_is_killed(first)
        before = first.record
        first.process.kill()
        first.process.wait()
        assert "web" in alive(before)
        with running(["run.py", "--port", port], var) as later:
            later.wait_for(READY)
            assert "An earlier run was killed; ended what it left" in later.said
            assert alive(before) == []
            assert later.record.facts["sandbox"] == before.facts["sandbox"]


def _restarts_what_is_killed(command: Running) -> None:
    """Each process but the supervisor, servers included."""
    for name, process in command.record.processes.items():
        os.kill(process.pid, signal.SIGKILL)
        command.wait_for(f"{name} ended (killed by signal 9)")
    wait_until(lambda: len(alive(command.record)) == 7, "all run again")
    wait_until(lambda: _answers(command.record.facts["address"]), "the pages answer")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.feature("B14", enters="run.py")
def test_a_worker_that_takes_up_nothing_is_restarted_also_where_it_cannot_end_itself(server_folder: Path) -> None:
    var, port = server_folder / "var", str(free_port())
    with running(["run.py", "--port", port], var, WORKER_SILENT_SECONDS="20") as product:
        product.wait_for(READY)
        mute = product.record.processes["worker-1"]
        os.kill(mute.pid, signal.SIGSTOP)
        product.wait_for("worker-1 has taken up nothing for 20 s; ending it.")
        product.wait_for("worker-1 ended (killed by signal 9); starting it again now.")
        wait_until(lambda: len(alive(product.record)) == 7, "all run again")
        wait_until(lambda: _workers(product.record.facts["address"]) == 2, "both take up rings")
        assert "worker-2 has taken up nothing" not in product.said


def _workers(address: str) -> int:
    with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
        return int(json.load(answer)["workers"])
