"""Does the record outlive the sandbox, and does it carry both clocks?"""

from __future__ import annotations

import os
import smtplib
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox

from .client import PASSWORD, ROOT, TOKEN, Running, eventually, running
from .product import product

DAY = 86_400


def ahead(message: dict[str, Any]) -> float:
    """How far the shifted stamp lies before the real one, in seconds."""
    clock, real = (datetime.fromisoformat(message[f"received_at_{which}"]) for which in ("clock", "real"))
    return (clock - real).total_seconds()


def test_the_record_survives_a_stop_and_a_kill(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        first.send("ana@example.org")
        assert first.stop() == 0
    with running(tmp_path) as second:
        second.send("bo@example.org")
        second.process.kill()
        second.process.wait()
    authority = (tmp_path / "ca.pem").read_bytes()
    with running(tmp_path) as third:
        messages = third.messages()
        assert [message["recipient"] for message in messages] == ["ana@example.org", "bo@example.org"]
        third.send("cy@example.org")
        assert [message["id"] for message in third.messages()] == [1, 2, 3]
        assert len({message["session"] for message in third.messages()}) == 3
    assert (tmp_path / "ca.pem").read_bytes() == authority


def test_ids_go_on_rising_after_the_record_is_emptied(sandbox: Running) -> None:
    sandbox.send("ana@example.org")
    last = sandbox.messages()[-1]["id"]
    sandbox.control("DELETE", "truth")
    assert sandbox.control("GET", "truth/count")["count"] == 0
    sandbox.send("ana@example.org")
    assert sandbox.messages()[0]["id"] > last


def test_the_private_key_is_readable_by_its_owner_only(sandbox: Running) -> None:
    assert stat.S_IMODE((sandbox.folder / "server.pem").stat().st_mode) == 0o600
    assert b"PRIVATE" not in (sandbox.folder / "ca.pem").read_bytes()


def test_a_stop_does_not_wait_for_open_conversations(tmp_path: Path) -> None:
    with running(tmp_path) as sandbox:
        sandbox.fault("hang_after_dot")
        client = sandbox.login()
        client.mail("clinic@example.org")
        sandbox.process.terminate()
        assert sandbox.process.wait(timeout=5) == 0
        client.close()


def test_a_mail_is_stamped_with_the_clock_that_was_set_by_hand(sandbox: Running) -> None:
    sandbox.control("POST", "clock", {"offset_seconds": 3 * DAY})
    sandbox.send("ana@example.org")
    assert ahead(sandbox.messages()[0]) == pytest.approx(3 * DAY, abs=0.01)


def test_the_products_clock_is_followed_and_its_absence_borne(tmp_path: Path) -> None:
    with product() as web:
        web.offset = 5.0 * DAY
        with running(tmp_path, "--clock-url", web.url) as sandbox:
            eventually(lambda: sandbox.control("GET", "clock")["product_answers"])
            sandbox.send("ana@example.org")
            assert web.tokens == {TOKEN}
            web.shutdown()
            web.server_close()
            eventually(lambda: not sandbox.control("GET", "clock")["product_answers"])
            sandbox.send("bo@example.org")
            stamps = [ahead(message) for message in sandbox.messages()]
    assert stamps == pytest.approx([5 * DAY, 5 * DAY], abs=0.01)
    with running(tmp_path) as again:
        assert again.control("GET", "clock")["offset_seconds"] == 5 * DAY


def test_a_mail_sent_just_after_a_jump_is_stamped_with_the_clock_after_it(tmp_path: Path) -> None:
    with product() as web, running(tmp_path, "--clock-url", web.url) as sandbox:
        eventually(lambda: sandbox.control("GET", "clock")["product_answers"])
        with sandbox.login() as client:
            client.sendmail("clinic@example.org", ["before@example.org"], b"\r\n")
            seen = web.looks
            eventually(lambda: web.looks >= seen + 2)  # the first of them may have begun before the mail
            web.offset = 2.0 * DAY
            client.sendmail("clinic@example.org", ["after@example.org"], b"\r\n")
        eventually(lambda: ahead(sandbox.messages()[1]) == pytest.approx(2 * DAY, abs=0.01))
        assert ahead(sandbox.messages()[0]) == pytest.approx(0, abs=0.01)


def test_a_sandbox_inside_a_test_is_the_same_sandbox(tmp_path: Path) -> None:
    with Sandbox(tmp_path, PASSWORD, TOKEN) as inside:
        client = smtplib.SMTP("127.0.0.1", inside.smtp_port, timeout=5)
        assert client.mail("clinic@example.org")[0] == 530
        client.close()
        assert inside.truth() == []
        assert inside.attempts()[0]["code"] == 530
        inside.faults.command({"fault": "refuse_connect"})
        inside.forget()
        assert inside.attempts() == []
        assert inside.faults.active() == []


def test_a_taken_port_and_a_missing_secret_are_said_in_one_line(sandbox: Running, tmp_path: Path) -> None:
    call = [sys.executable, "-m", "sandbox", "--dir", str(tmp_path)]
    secrets = {"SANDBOX_TOKEN": TOKEN, "SANDBOX_SMTP_PASSWORD": PASSWORD}
    taken = [*call, "--smtp-port", str(sandbox.smtp_port)]
    failed = subprocess.run(taken, cwd=ROOT, env={**os.environ, **secrets}, capture_output=True, text=True)
    assert failed.returncode == 1
    assert "address already in use" in failed.stderr
    assert failed.stderr.count("\n") == 1
    without = {name: value for name, value in os.environ.items() if name not in secrets}
    refused = subprocess.run(call, cwd=ROOT, env=without, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "SANDBOX_TOKEN must be set" in refused.stderr
