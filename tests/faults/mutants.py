"""Is a safeguard missed where it is missing? Each patch of tests/mutants/ takes one out; its campaign must fail.

A patch begins with a line `campaign=NAME scale=F`, then words on what it takes out, then the difference. It is applied
in a copy of the tree, where the campaign runs with this environment; the tree itself is never touched.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.local import places
from config.local.foreground import python
from config.local.processes import stop_children
from tests.faults.report import Outcome
from tests.faults.running import SIDE_BY_SIDE, read_outcome

FOLDER = places.ROOT / "tests" / "mutants"
_HEADER = re.compile(r"campaign=(\S+) scale=(\S+)\n")
_SEED = 1
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "var", "__pycache__", ".*_cache", ".hypothesis")
#: Of what belongs to the checkout and is too big to copy, or is made by its preparation.
_LINKED = ("node_modules", "var/static")
#: A campaign that breaks off for another reason than a wait that was too long says nothing about the safeguard.
_BROKEN = re.compile(r"broke off: (?!TooLate)|its process ended")


@dataclass(frozen=True)
class Mutant:
    """A patch: its name, the campaign that must notice it, and the scale at which."""

    name: str
    campaign: str
    scale: float
    file: Path

    def changed(self) -> int:
        """How many lines it changes; one in place of another is one."""
        lines = self.file.read_text(encoding="utf-8").splitlines()
        added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
        removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
        return max(added, removed)

    def apply(self, tree: Path, *, only_check: bool = False) -> None:
        """To the tree there. Raises ValueError where it does not fit."""
        words = ["git", "apply", *(["--check"] if only_check else []), str(self.file)]
        done = subprocess.run(words, cwd=tree, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(f"{self.name} does not fit: {done.stderr.strip()}")


def mutants() -> list[Mutant]:
    """All of them, by name. Raises ValueError where one names no campaign."""
    return [_read(file) for file in sorted(FOLDER.glob("*.patch"))]


def _read(file: Path) -> Mutant:
    header = _HEADER.match(file.read_text(encoding="utf-8"))
    if header is None:
        raise ValueError(f"{file.name} does not begin with `campaign=NAME scale=F`")
    return Mutant(file.stem, header[1], float(header[2]), file)


def run_mutants(chosen: Sequence[Mutant], seed: int | None) -> bool:
    """Runs them, two side by side, and prints a line for each; whether all were killed."""
    running: list[subprocess.Popen[bytes]] = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        try:
            killed = list(pool.map(lambda one: _run(one, _SEED if seed is None else seed, running), chosen))
        except BaseException:  # Ctrl-C: what runs is told to end, what waits does not begin
            pool.shutdown(wait=False, cancel_futures=True)
            stop_children(running)
            raise
    print(f"mutants total={len(killed)} killed={sum(killed)} verdict={'pass' if all(killed) else 'fail'}", flush=True)
    return all(killed)


def _run(mutant: Mutant, seed: int, running: "list[subprocess.Popen[bytes]]") -> bool:
    began = time.monotonic()
    with _copy(mutant) as tree, tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result"
        words = [mutant.campaign, "--scale", str(mutant.scale), "--seed", str(seed), "--result", str(result)]
        child = subprocess.Popen(
            python("-m", "tests.faults", *words), cwd=tree, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "AVISA_VAR": str(places.VAR)}, start_new_session=True,
        )  # fmt: skip
        running.append(child)
        child.wait()
        outcome = read_outcome(result, child.returncode)
    killed = is_killed(outcome)
    seconds = round(time.monotonic() - began)
    told = f"campaign={mutant.campaign} scale={mutant.scale:g} seed={seed} seconds={seconds}"
    print(f"mutant {mutant.name} {told} killed={'yes' if killed else 'no'}", flush=True)
    print(f"  {outcome.findings[0] if outcome.findings else outcome.line(mutant.campaign)}", flush=True)
    return killed


def is_killed(outcome: Outcome) -> bool:
    """Whether the campaign failed because of what it found. One that could not be run has noticed nothing."""
    return not outcome.passed and not any(_BROKEN.match(finding) for finding in outcome.findings)


@contextmanager
def _copy(mutant: Mutant) -> Iterator[Path]:
    """A copy of the tree with the patch applied; `.venv` is used where it is."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        tree = Path(name) / "tree"
        shutil.copytree(places.ROOT, tree, ignore=_LEFT_OUT, symlinks=True)
        (tree / "var").mkdir(exist_ok=True)
        for linked in _LINKED:
            if (places.ROOT / linked).exists():
                (tree / linked).symlink_to(places.ROOT / linked)
        mutant.apply(tree)
        yield tree
