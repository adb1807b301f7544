"""What is a campaign given, and how does it say what it found? One line a run, then what was found, by ids."""

from dataclasses import dataclass, field

#: So many faults of the product are printed of one run.
_MOST = 40


@dataclass(frozen=True)
class Order:
    """What the command asks of a campaign. The seed decides every choice that chance makes."""

    seed: int
    scale: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What a run found: its figures in the order in which they are printed; what speaks against the product, one a
    line; and what is allowed and still `listed`, every one of it."""

    figures: dict[str, object]
    passed: bool
    findings: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)

    def line(self, name: str) -> str:
        """The line that scripts read."""
        figures = " ".join(f"{key}={value}" for key, value in self.figures.items())
        return f"fault {name} {figures} verdict={'pass' if self.passed else 'fail'}"

    def lines(self, name: str) -> list[str]:
        """The line, and below it what was found."""
        shown = self.findings[:_MOST]
        if more := len(self.findings) - len(shown):
            shown = [*shown, f"… and {more} more in var/faults.json"]
        return [self.line(name), *(f"  {words}" for words in [*shown, *self.listed])]
