"""What does an SMTP server's behaviour mean? The ways that the drain's tests do not have.

It speaks in plain text, on a port that the list of private targets opens.
"""

import secrets
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from messaging.delivery import Begun, call
from messaging.outcomes import Accepted, Failed, FailureKind, Outcome, Phase, Unknown
from messaging.providers import Account, Outgoing


class Script:
    """A mail server that answers each command by a table, and the final dot with `after_dot`."""

    def __init__(self) -> None:
        self.replies: dict[str, bytes] = {}
        self.after_dot = b"250 kept\r\n"
        self.drop_in_text = False
        self.connections = self.taken = 0
        self.commands: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            with client:
                self._converse(client)

    def _converse(self, client: socket.socket) -> None:
        lines = client.makefile("rb")
        client.sendall(b"220 script\r\n")
        while line := lines.readline():
            verb = line[:4].strip().decode().lower()
            self.commands.append(verb)
            if verb == "data" and "data" not in self.replies:
                client.sendall(b"354 go on\r\n")
                if self.drop_in_text:
                    lines.readline()
                    return
                while lines.readline() != b".\r\n":
                    pass
                self.taken += 1
                answer = self.after_dot
            else:
                answer = self.replies.get(verb, b"250 fine\r\n")
            if not answer:
                return
            client.sendall(answer)
            if answer.startswith(b"421"):
                return

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def script(settings: Any) -> Iterator[Script]:
    made = Script()
    settings.MESSAGING_ALLOWED_PRIVATE_TARGETS = [f"127.0.0.1:{made.port}"]
    settings.SMTP_TIMEOUT_SECONDS = 2
    yield made
    made.close()


def send(script: Script, provider: str, text: str = "t\n", **changes: Any) -> Outcome:
    """One call, as `messaging.delivery.call` judges it."""
    values: dict[str, Any] = {
        "key": "1/1", "provider": provider, "address": "citas@clinica.example", "display_name": "", "host": "127.0.0.1",
        "port": script.port, "security": "none", "username": "", "secret": "",
    }  # fmt: skip
    begun = Begun(1, "t", 1, Account(**{**values, **changes}), Outgoing("f" * 32, "a@b.example", "s", text, ""))
    return call(begun)


@pytest.fixture
def provider(settings: Any) -> str:
    """The name of an SMTP provider with a pool of its own."""
    name = f"smtp-{secrets.token_hex(4)}"
    settings.MESSAGING_PROVIDERS = {name: "messaging.providers.smtp.SmtpProvider"}
    return name


@pytest.mark.parametrize("garbled", [b"garbled\r\n", b"354 what?\r\n", b"199 hm\r\n", b"600 hm\r\n", b"", b"25"])
def test_an_answer_to_the_final_dot_that_cannot_be_read_proves_nothing(
    script: Script, provider: str, garbled: bytes
) -> None:
    script.after_dot = garbled
    outcome = send(script, provider)
    assert isinstance(outcome, Unknown)
    assert outcome.phase is Phase.DOT
    assert script.taken == 1


def test_a_yes_to_the_final_dot_is_acceptance(script: Script, provider: str) -> None:
    assert isinstance(send(script, provider), Accepted)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"421 closing\r\n", FailureKind.UNREACHABLE),
        (b"452 4.2.2 full\r\n", FailureKind.DEFERRED),
        (b"552 5.2.2 full\r\n", FailureKind.CONTENT_REFUSED),
        (b"554 5.7.1 not for you\r\n", FailureKind.SENDER_REFUSED),
    ],
)
def test_a_no_to_the_final_dot_is_proof_of_not_sent(
    script: Script, provider: str, answer: bytes, kind: FailureKind
) -> None:
    script.after_dot = answer
    outcome = send(script, provider)
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.phase) == (kind, Phase.REPLY)
    assert script.taken == 1


@pytest.mark.parametrize(
    ("verb", "answer", "kind", "phase"),
    [
        ("mail", b"550 5.7.1 not you\r\n", FailureKind.SENDER_REFUSED, Phase.MAIL),
        ("mail", b"451 4.7.0 slow down\r\n", FailureKind.DEFERRED, Phase.MAIL),
        ("rcpt", b"450 4.2.0 greylisted\r\n", FailureKind.DEFERRED, Phase.RCPT),
        ("rcpt", b"550 5.1.1 nobody\r\n", FailureKind.ADDRESS_REFUSED, Phase.RCPT),
        ("rcpt", b"garbled\r\n", FailureKind.UNREACHABLE, Phase.RCPT),
        ("rcpt", b"", FailureKind.UNREACHABLE, Phase.RCPT),
        ("data", b"451 4.3.0 later\r\n", FailureKind.DEFERRED, Phase.DATA),
        ("data", b"", FailureKind.UNREACHABLE, Phase.DATA),
    ],
)
def test_what_ends_before_the_final_dot_is_proof_of_not_sent(
    script: Script, provider: str, verb: str, answer: bytes, kind: FailureKind, phase: Phase
) -> None:
    script.replies[verb] = answer
    outcome = send(script, provider)
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.phase) == (kind, phase)
    assert script.taken == 0


def test_a_drop_while_the_text_is_coming_is_proof_of_not_sent(script: Script, provider: str) -> None:
    script.drop_in_text = True
    outcome = send(script, provider, text="palabra " * 2_000_000)  # more than the sockets' buffers hold
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.phase) == (FailureKind.UNREACHABLE, Phase.DATA)
    assert script.taken == 0


@pytest.mark.parametrize("goodbye", [b"", b"421 idle\r\n"])
def test_a_kept_connection_found_dead_is_opened_again_once(script: Script, provider: str, goodbye: bytes) -> None:
    assert isinstance(send(script, provider), Accepted)
    script.replies["mail"] = goodbye
    outcome = send(script, provider)
    assert isinstance(outcome, Failed)  # the new connection ends alike: this is a failure, not a third attempt
    assert outcome.kind is FailureKind.UNREACHABLE
    assert script.connections == 2
    del script.replies["mail"]
    assert isinstance(send(script, provider), Accepted)


def test_a_connection_is_kept_for_the_next_message(script: Script, provider: str) -> None:
    assert all(isinstance(send(script, provider), Accepted) for _ in range(5))
    assert (script.connections, script.taken) == (1, 5)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"security": "starttls"}, FailureKind.TLS_FAILED),  # the server offers none: never a downgrade
        ({"host": "10.0.0.1", "port": 587}, FailureKind.TARGET_REFUSED),
        ({"host": "no-such-host.invalid", "port": 587}, FailureKind.UNREACHABLE),
        ({"username": "u", "secret": "s"}, FailureKind.AUTH_REFUSED),  # the server knows no AUTH
    ],
)
def test_an_account_that_cannot_be_used_says_which_way(
    script: Script, provider: str, changes: dict[str, Any], kind: FailureKind
) -> None:
    outcome = send(script, provider, **changes)
    assert isinstance(outcome, Failed)
    assert outcome.kind is kind
    assert script.taken == 0
