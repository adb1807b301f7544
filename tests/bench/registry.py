"""Which benchmarks are there? By name; a new one is a file `bench_NAME.py` and a line here."""

from collections.abc import Callable, Iterable

from tests.bench import bench_decide
from tests.bench.figure import Figure

BENCHMARKS: dict[str, Callable[[], Iterable[Figure]]] = {
    "decide": bench_decide.run,
}
