"""What does the sandbox need of a product? Its clock endpoint, written from the contract alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


class Product(ThreadingHTTPServer):
    """A stand-in for the product's clock endpoint, from the contract alone."""

    offset = 0.0
    due_in: float | None = None
    busy = False
    looks = 0
    tokens: set[str | None]

    @property
    def url(self) -> str:
        """The address of its clock."""
        return f"http://127.0.0.1:{self.server_address[1]}/sandbox/clock"

    def answer(self) -> dict[str, Any]:
        """What its clock says."""
        real = datetime.now(UTC)
        now = real + timedelta(seconds=self.offset)
        due = None if self.due_in is None else (now + timedelta(seconds=self.due_in)).isoformat()
        return {
            "now": now.isoformat(),
            "real_now": real.isoformat(),
            "offset_seconds": self.offset,
            "next_due": due,
            "busy": self.busy,
        }


class _ClockPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        product = cast(Product, self.server)
        product.tokens.add(self.headers.get("X-Sandbox-Token"))
        self._send(200, product.answer())
        product.looks += 1

    def do_POST(self) -> None:
        product = cast(Product, self.server)
        wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        product.tokens.add(self.headers.get("X-Sandbox-Token"))
        if product.busy:
            self._send(409, {"error": "something is being sent"})
            return
        product.offset = float(wish["offset_seconds"])
        self._send(200, product.answer())

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return None


@contextmanager
def product() -> Iterator[Product]:
    """A product whose clock answers."""
    server = Product(("127.0.0.1", 0), _ClockPage)
    server.tokens = set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
