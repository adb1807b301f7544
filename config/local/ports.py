"""Which TCP ports of 127.0.0.1 are free?"""

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on just now; whoever uses it must be ready to lose the race."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Can a server listen on `port` now? (A port whose last server just closed counts as free.)"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def next_free(port: int) -> int:
    """`port`, or the next free one above it."""
    return next((p for p in range(port, min(port + 200, 65536)) if is_free(p)), 0) or free_port()
