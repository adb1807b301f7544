"""The command: `run.py bench [NAME …]`. Exit 1 if a figure misses its must, 2 for a wrong call."""

import argparse
import sys
import traceback
from collections.abc import Sequence

from config.local.foreground import end_on_signals
from tests.bench.registry import BENCHMARKS


def main(arguments: Sequence[str]) -> int:
    """Runs the named benchmarks (all, where none is named), one after the other."""
    parser = argparse.ArgumentParser(prog="run.py bench", description="Benchmarks; a ratio decides, never a time.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(BENCHMARKS)}")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.names if name not in BENCHMARKS]:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    try:
        passed = [_passes(name) for name in asked.names or BENCHMARKS]
    except KeyboardInterrupt:  # by now everything that was started has been ended
        return 130
    return 0 if all(passed) else 1


def _passes(name: str) -> bool:
    passed = True
    try:
        for figure in BENCHMARKS[name]():
            print(figure.line(name), flush=True)
            passed = passed and figure.passed
    except Exception as error:  # one benchmark that breaks must not silence the others; it has failed
        traceback.print_exc()
        print(f"bench {name} broke_off={type(error).__name__} verdict=fail", flush=True)
        return False
    return passed


if __name__ == "__main__":
    end_on_signals()
    sys.exit(main(sys.argv[1:]))
