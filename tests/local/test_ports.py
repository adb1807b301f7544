"""A port that another program has is never taken from it."""

import socket

from config.local import ports


def test_a_taken_port_is_seen_and_the_next_one_chosen() -> None:
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        assert not ports.is_free(taken)
        assert ports.next_free(taken) != taken
        assert ports.is_free(ports.next_free(taken))
