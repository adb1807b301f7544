"""The proxy troubles a connection exactly as it is told to, and passes on what it is not told of."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.faults.proxy import Proxy
from tests.faults.waiting import until

pytestmark = pytest.mark.feature("B14", enters="stack")


class Echo:
    """A server that says back what it hears; `heard` is all of it."""

    def __init__(self) -> None:
        self.heard = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                link, _ = self._listening.accept()
                threading.Thread(target=self._talk, args=(link,), daemon=True).start()

    def _talk(self, link: socket.socket) -> None:
        with link, suppress(OSError):
            while words := link.recv(65_536):
                self.heard += words
                link.sendall(words)


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    with Proxy(echo.port) as between:
        yield between


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def hear(link: socket.socket, length: int) -> bytes:
    heard = b""
    while len(heard) < length:
        heard += link.recv(length - len(heard))
    return heard


def says_back(link: socket.socket, words: bytes) -> bool:
    link.sendall(words)
    return hear(link, len(words)) == words


def test_it_passes_on_whatever_comes_both_ways(proxy: Proxy) -> None:
    words = bytes(range(256)) * 2000
    with connect(proxy) as link:
        threading.Thread(target=link.sendall, args=(words,), daemon=True).start()
        assert hear(link, len(words)) == words
    until(lambda: proxy.connections == 0, 5, "the connection has gone")
    assert proxy.taken == 1


def test_it_tells_the_client_when_the_server_has_ended_and_the_other_way_round(echo: Echo, proxy: Proxy) -> None:
    with connect(proxy) as link:
        link.sendall(b"the last words")
        link.shutdown(socket.SHUT_WR)
        assert hear(link, 14) == b"the last words"
        assert link.recv(1) == b""


def test_it_delays_each_round_trip(proxy: Proxy) -> None:
    with connect(proxy) as link:
        proxy.delay(0.3)
        began = time.monotonic()
        assert says_back(link, b"slowly")
        assert 0.3 <= time.monotonic() - began < 2
        proxy.pass_on()
        began = time.monotonic()
        assert says_back(link, b"fast")
        assert time.monotonic() - began < 0.3


def test_what_it_held_back_arrives_when_it_passes_on_again(proxy: Proxy) -> None:
    with connect(proxy) as link:
        proxy.stall()
        link.sendall(b"later")
        link.settimeout(0.2)
        with pytest.raises(TimeoutError):
            link.recv(1)
        proxy.pass_on()
        link.settimeout(5)
        assert hear(link, 5) == b"later"


def test_it_cuts_a_connection_after_so_many_bytes_to_the_server(echo: Echo, proxy: Proxy) -> None:
    proxy.cut(after=4)
    with connect(proxy) as link:
        link.sendall(b"abcdefgh")
        with pytest.raises(ConnectionResetError):
            while link.recv(16):
                pass
    until(lambda: echo.heard == b"abcd", 5, "the server heard so much")
    proxy.pass_on()
    with connect(proxy) as link:
        assert says_back(link, b"whole again")


def test_it_resets_every_connection_and_takes_new_ones_on(proxy: Proxy) -> None:
    links = [connect(proxy) for _ in range(3)]
    assert all(says_back(link, b"x") for link in links)
    assert proxy.reset() == 3
    for link in links:
        with link, pytest.raises(ConnectionResetError):
            link.recv(1)
    with connect(proxy) as link:
        assert says_back(link, b"anew")


def test_it_ends_one_way_of_a_connection_and_leaves_the_other(echo: Echo, proxy: Proxy) -> None:
    with connect(proxy) as link:
        assert says_back(link, b"before")
        proxy.half_close()
        assert link.recv(1) == b""  # the server heard the end, and ended too
    assert echo.heard == b"before"
    with connect(proxy) as link:
        assert says_back(link, b"anew")


def test_it_refuses_new_connections_and_leaves_those_that_are_there(proxy: Proxy) -> None:
    with connect(proxy) as link:
        assert says_back(link, b"before")
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            connect(proxy)
        assert says_back(link, b"still")
        proxy.pass_on()
        with connect(proxy) as other:
            assert says_back(other, b"again, on the same port")


def test_a_server_that_is_away_is_a_connection_that_ends(echo: Echo, proxy: Proxy) -> None:
    gone = socket.create_server(("127.0.0.1", 0))
    port = gone.getsockname()[1]
    gone.close()
    with Proxy(port) as between, connect(between) as link:
        assert link.recv(1) == b""
