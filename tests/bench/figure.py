"""How does a benchmark say what it measured? One line a figure. What decides is a ratio, never a time."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured: `ratio` compares two things of one run, the more the better; `must` is the floor, `aim` what
    one would be proud of; `metrics` are for information, in the order in which they are printed."""

    ratio: float
    must: float
    aim: float
    metrics: dict[str, object]

    @property
    def passed(self) -> bool:
        """Whether the floor is reached."""
        return self.ratio >= self.must

    def line(self, name: str) -> str:
        """The line that scripts read."""
        said = {
            **self.metrics,
            "ratio": f"{self.ratio:.2f}",
            "must": f"{self.must:g}",
            "aim": f"{self.aim:g}",
            "verdict": "pass" if self.passed else "fail",
        }
        return f"bench {name} " + " ".join(f"{key}={value}" for key, value in said.items())
