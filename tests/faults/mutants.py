"""Is a safeguard missed where it is missing? Each patch of tests/mutants/ takes one out; its campaign must fail.

A patch begins with a line `campaign=NAME scale=F`, with `alone` at its end where times are what gives it away; then a
line `finds=REGEX`, as which the campaign must tell the safeguard's own symptom; then words on what it takes out, then
the difference. It is applied in a copy of the tree, where the campaign runs with this environment; the tree itself is
never touched. Two run side by side, the lonely ones last.
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
from tests.faults import template
from tests.faults.report import Outcome
from tests.faults.running import read_outcome
from tests.faults.template import migrated_once
from tests.faults.waiting import PATIENCE_VARIABLE

FOLDER = places.ROOT / "tests" / "mutants"
_HEADER = re.compile(r"campaign=(\S+) scale=(\S+)( alone)?\nfinds=(.+)\n")
_SEED = 1
_SIDE_BY_SIDE = 2
#: By how much the waits for an end that a mutant may never come to are shortened.
_PATIENCE = "0.5"
#: A patch that changes what the tables are.
_MIGRATES = re.compile(r"^\+\+\+ \S+/migrations/", re.MULTILINE)
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "var", "__pycache__", ".*_cache", ".hypothesis")
#: Of what belongs to the checkout and is too big to copy, or is made by its preparation.
_LINKED = ("node_modules", "var/static")


@dataclass(frozen=True)
class Mutant:
    """A patch: its name, the campaign that must notice it, the scale at which, and what of its findings gives it away;
    `alone`: whether that needs the machine for itself."""

    name: str
    campaign: str
    scale: float
    file: Path
    finds: str
    alone: bool = False

    def migrates(self) -> bool:
        """Whether its tables are other ones."""
        return bool(_MIGRATES.search(self.file.read_text(encoding="utf-8")))

    def symptoms(self, outcome: Outcome) -> list[str]:
        """What the campaign found of the missing safeguard. That it failed for another reason, or could not be run,
        says nothing about it."""
        told = [] if outcome.passed else [*outcome.findings, *outcome.listed]
        return [words for words in told if re.search(self.finds, words)]

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
        raise ValueError(f"{file.name} does not begin with `campaign=NAME scale=F [alone]` and `finds=REGEX`")
    return Mutant(file.stem, header[1], float(header[2]), file, header[4], alone=bool(header[3]))


def run_mutants(chosen: Sequence[Mutant], seed: int | None) -> bool:
    """Runs them, two side by side, and prints a line for each; whether all were killed."""
    began, number = time.monotonic(), _SEED if seed is None else seed
    with migrated_once():
        killed = _run_some([one for one in chosen if not one.alone], number, _SIDE_BY_SIDE)
        killed += _run_some([one for one in chosen if one.alone], number, 1)
    seconds, verdict = round(time.monotonic() - began), "pass" if all(killed) else "fail"
    print(f"mutants total={len(killed)} killed={sum(killed)} seconds={seconds} verdict={verdict}", flush=True)
    return all(killed)


def _run_some(chosen: Sequence[Mutant], seed: int, most: int) -> list[bool]:
    """So many side by side."""
    running: list[subprocess.Popen[bytes]] = []
    with ThreadPoolExecutor(most) as pool:
        try:
            return list(pool.map(lambda one: _run(one, seed, running), chosen))
        except BaseException:  # Ctrl-C: what runs is told to end, what waits does not begin
            pool.shutdown(wait=False, cancel_futures=True)
            stop_children(running)
            raise


def _run(mutant: Mutant, seed: int, running: "list[subprocess.Popen[bytes]]") -> bool:
    began = time.monotonic()
    try:
        outcome = _outcome(mutant, seed, running)
    except ValueError as error:  # it does not fit: the others are to run all the same
        outcome = Outcome({}, passed=False, findings=[str(error)])
    symptoms = mutant.symptoms(outcome)
    seconds = round(time.monotonic() - began)
    told = f"campaign={mutant.campaign} scale={mutant.scale:g} seed={seed} seconds={seconds}"
    others = [f"not by: {words}" for words in outcome.findings[:3]] or [outcome.line(mutant.campaign)]
    lines = [f"mutant {mutant.name} {told} killed={'yes' if symptoms else 'no'}", *(symptoms[:1] or others)]
    print("\n  ".join(lines), flush=True)
    return bool(symptoms)


def _outcome(mutant: Mutant, seed: int, running: "list[subprocess.Popen[bytes]]") -> Outcome:
    """What its campaign says of it."""
    with _copy(mutant) as tree, tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result"
        words = [mutant.campaign, "--scale", str(mutant.scale), "--seed", str(seed), "--result", str(result)]
        child = subprocess.Popen(
            python("-m", "tests.faults", *words), cwd=tree, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment_of(mutant), start_new_session=True,
        )  # fmt: skip
        running.append(child)
        child.wait()
        return read_outcome(result, child.returncode)


def environment_of(mutant: Mutant) -> dict[str, str]:
    """Of the process of its campaign: this one's, with less patience; other tables it makes itself."""
    own = {"AVISA_VAR": str(places.VAR), PATIENCE_VARIABLE: _PATIENCE}
    left_out = [template.VARIABLE] if mutant.migrates() else []
    return {name: value for name, value in {**os.environ, **own}.items() if name not in left_out}


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
