"""What stands for all tests of this folder? The demo, started once in the order of run.py, as processes."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.demo import Demo
from tests.faults.stack import UNHURRIED, stack


@pytest.fixture(scope="package")
def demo() -> Iterator[Demo]:
    """The running product. Its clock only goes forward: a test counts from where it finds it."""
    with stack(UNHURRIED) as product:
        product.start_sandbox(asks_the_clock=True)
        product.start_web()
        log_ins = product.manage("load_demo", "--smtp", product.variables["SANDBOX_SMTP"])
        product.start("worker-1", "worker-2", "beat-1")
        email, password = log_ins.split()[:2]
        yield Demo(product, email, password)
        assert product.dead() == [], "a process of the product died"
