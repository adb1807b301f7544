"""Which benchmarks are there? By name; a new one is a file `bench_NAME.py` and a line here."""

from collections.abc import Callable, Iterable

from tests.bench import bench_decide, bench_replan
from tests.bench.figure import Figure

BENCHMARKS: dict[str, Callable[[], Iterable[Figure]]] = {
    "decide": bench_decide.run,
    "replan": bench_replan.run,
}
#: Those that need a database and a broker; the others start in a moment.
WITH_SERVERS = frozenset({"replan"})


def need_servers(names: Iterable[str]) -> bool:
    """Whether one of these does; no name stands for all of them."""
    return bool((set(names) or set(BENCHMARKS)) & WITH_SERVERS)
