"""A sandbox to test: one process for all tests of a worker, emptied before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .client import Running, running


@pytest.fixture(scope="session")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The process that the tests of this worker share."""
    with running(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(one_process: Running) -> Running:
    """A sandbox that has received nothing and behaves well."""
    one_process.control("DELETE", "truth")
    one_process.control("DELETE", "faults")
    one_process.control("POST", "clock", {"offset_seconds": 0})
    return one_process
