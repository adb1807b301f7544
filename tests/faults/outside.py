"""What does a campaign ask of the outside world? The sandbox's control API, seen from another process."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

#: No proxy of the machine's: everything is on 127.0.0.1.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SECONDS = 30.0
_PAGE = 2000


@dataclass(frozen=True)
class Outside:
    """A running sandbox."""

    http_port: int
    smtp_port: int
    token: str

    @property
    def url(self) -> str:
        """Its pages."""
        return f"http://127.0.0.1:{self.http_port}"

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request to the control API; the JSON of its answer. Raises urllib.error.HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/control/{path}", data, method=method)
        request.add_header("X-Sandbox-Token", self.token)
        with _OPENER.open(request, timeout=_SECONDS) as response:
            return json.load(response)

    def fault(self, kind: str, **more: Any) -> int:
        """Commands a fault; its id."""
        return int(self.control("POST", "faults", {"fault": kind, **more})["id"])

    def taken(self) -> int:
        """How many mails and SMS patients have so far."""
        return int(self.control("GET", "truth/count")["kept"] + self.control("GET", "truth/sms/count")["count"])

    def messages(self) -> list[dict[str, Any]]:
        """Every mail whose final dot was received, oldest first."""
        return self._all("truth", "messages")

    def texts(self) -> list[dict[str, Any]]:
        """Every SMS that was sent, oldest first."""
        return self._all("truth/sms", "messages")

    def callbacks(self) -> list[dict[str, Any]]:
        """Every callback about an SMS that was posted or given up, oldest first."""
        return self._all("truth/sms/callbacks", "callbacks")

    def _all(self, path: str, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while page := self.control("GET", f"{path}?limit={_PAGE}&since={found[-1]['id'] if found else 0}")[name]:
            found += page
        return found
