"""Did exactly the expected reminders arrive, each once and in the step in which it fell due? Pure comparison."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

KINDS = ("lost", "duplicated", "early", "late", "foreign", "unexpected")


@dataclass(frozen=True)
class Told:
    """What identifies a reminder to its reader: who writes over which channel to which address, whom it greets, and
    the visit's wall time."""

    clinic: str
    channel: str
    address: str
    first_name: str
    wall: str

    def elsewhere(self, clinic: str) -> "Told":
        """The same, had another clinic written it."""
        return Told(clinic, self.channel, self.address, self.first_name, self.wall)


@dataclass(frozen=True)
class Arrival:
    """A message in the outside world: what it told, the clinic that its text names, the step in which it came, and the
    outside world's number for it."""

    told: Told
    names: str
    step: int
    number: int


@dataclass
class Verdict:
    """What was found: counts by kind, and a line for each finding that names no patient."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def add(self, kind: str, words: str, count: int = 1) -> None:
        """Notes a finding."""
        self.counts[kind] += count
        self.findings.append(f"{kind}: {words}")


def compare(due: Iterable[tuple[Told, int]], arrivals: Iterable[Arrival], names: dict[str, str]) -> Verdict:
    """`due`: each expected reminder with its step; `names`: each clinic's name by its slug."""
    verdict = Verdict()
    wanted: dict[Told, list[int]] = defaultdict(list)
    for told, step in due:
        wanted[told].append(step)
    came: dict[Told, list[int]] = defaultdict(list)
    for arrival in arrivals:
        told, words = arrival.told, f"{arrival.told.channel} message {arrival.number} of {arrival.told.clinic}"
        others = [told.elsewhere(slug) for slug in names if slug != told.clinic]
        if arrival.names != names.get(told.clinic) or (told not in wanted and any(one in wanted for one in others)):
            verdict.add("foreign", words)
        elif told not in wanted:
            verdict.add("unexpected", f"{words} in step {arrival.step}, for the visit of {told.wall}")
        else:
            came[told].append(arrival.step)
    for told, steps in wanted.items():
        _compare_one(told, sorted(steps), sorted(came[told]), verdict)
    return verdict


def _compare_one(told: Told, due: list[int], came: list[int], verdict: Verdict) -> None:
    words = f"{told.channel} of {told.clinic} for the visit of {told.wall}: due in step {due}, came in {came}"
    if len(came) < len(due):
        verdict.add("lost", words, len(due) - len(came))
    elif len(came) > len(due):
        verdict.add("duplicated", words, len(came) - len(due))
    else:
        for wanted, step in zip(due, came, strict=True):
            if step != wanted:
                verdict.add("early" if step < wanted else "late", words)
