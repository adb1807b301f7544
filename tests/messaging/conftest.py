"""What every test of messages begins with."""

import pytest

from messaging.pages import callbacks


@pytest.fixture(autouse=True)
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """No outage of another test is remembered, and what is told after an outage is asked at once."""
    for name, value in {"_ill_until": float("-inf"), "_rests_until": float("-inf"), "_rest": 0.0}.items():
        monkeypatch.setattr(callbacks._together, name, value)
