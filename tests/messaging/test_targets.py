"""A clinic types the host of its mail server: it never opens our own network."""

import socket
from typing import Any

import pytest

from messaging.targets import PORTS, TargetRefused, judged_address

INSIDE = [
    "127.0.0.1", "127.1", "127.0.0.53", "0x7f000001", "2130706433", "0177.0.0.1", "0", "0.0.0.0", "localhost",
    "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.254",
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:100.64.0.1",
    "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
    "2001::1", "2001:db8::1", "fe80::1", "fec0::1", "fc00::1", "fd00::1", "ff02::1", "100::1",
]  # fmt: skip
OUTSIDE = ["93.184.215.14", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111",
           "::ffff:8.8.8.8"]  # fmt: skip


@pytest.fixture(autouse=True)
def no_exception(settings: Any) -> Any:
    settings.MESSAGING_ALLOWED_PRIVATE_TARGETS = []
    return settings


@pytest.mark.parametrize("host", INSIDE)
def test_an_address_inside_a_network_that_is_not_public_is_refused(host: str) -> None:
    with pytest.raises((TargetRefused, socket.gaierror)):
        judged_address(host, 587)


@pytest.mark.parametrize("host", ["①②⑦.⓪.⓪.①", "127。0。0。1"])
def test_unicode_digits_and_dots_are_judged_by_what_they_resolve_to(host: str) -> None:
    with pytest.raises((TargetRefused, OSError, UnicodeError)):
        judged_address(host, 587)


@pytest.mark.parametrize("host", OUTSIDE)
def test_a_public_address_may_be_connected_to(host: str) -> None:
    assert judged_address(host, 587)


@pytest.mark.parametrize("port", [0, 1, 22, 80, 443, 5432, 6379, 8000, 65535])
def test_only_the_ports_of_mail_submission_are_open(port: int) -> None:
    assert port not in PORTS
    with pytest.raises(TargetRefused, match="port"):
        judged_address("8.8.8.8", port)


def test_the_list_opens_one_host_and_port_and_no_other(no_exception: Any) -> None:
    no_exception.MESSAGING_ALLOWED_PRIVATE_TARGETS = ["127.0.0.1:3025"]
    assert judged_address("127.0.0.1", 3025) == "127.0.0.1"
    for host, port in [("127.0.0.1", 587), ("127.0.0.2", 3025), ("10.0.0.1", 3025)]:
        with pytest.raises(TargetRefused):
            judged_address(host, port)


def test_a_name_with_one_address_inside_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 587)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)  # the resolver is not ours to run
    with pytest.raises(TargetRefused):
        judged_address("two-faced.example", 587)


def test_the_refusal_says_nothing_of_what_was_found() -> None:
    with pytest.raises(TargetRefused) as refused:
        judged_address("169.254.169.254", 587)
    assert "169" not in str(refused.value)
