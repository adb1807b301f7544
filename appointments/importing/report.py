"""What became of a file? Counts, and every refused row; also in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from appointments.importing.columns import Refusal
from appointments.importing.encoding import UTF_8
from clinics.rows import Written

#: Longer cells are cut in the report.
_SHOWN = 60


@dataclass(frozen=True)
class Tally:
    """How many rows of one table were made, changed and found as wanted already."""

    created: int
    updated: int
    unchanged: int

    @classmethod
    def of(cls, written: Written[Any]) -> "Tally":
        """The tally of a writer's answer."""
        return cls(len(written.created), len(written.updated), written.unchanged)

    def __str__(self) -> str:
        return f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"


@dataclass(frozen=True)
class Report:
    """What an import did. `refusals` and `notes` may name a line more than once."""

    rows: int
    #: The name of the encoding in which the file was read.
    encoding: str
    patients: Tally
    appointments: Tally
    moved: int
    cancelled: int
    blocks: Tally
    new_locations: int
    new_practitioners: int
    new_types: int
    consents_given: int
    consents_withdrawn: int
    refusals: tuple[Refusal, ...]
    #: Rows that went in although another row of the same patient says otherwise.
    notes: tuple[Refusal, ...]

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return len({refusal.line for refusal in self.refusals})

    @property
    def taken(self) -> int:
        """How many rows went in."""
        return self.rows - self.refused

    def lines(self) -> Iterator[str]:
        """The report in plain words. Holds what the refused cells hold: for the clinic's own people, not for a log."""
        yield f"Rows: {self.rows} read, {self.taken} taken, {self.refused} refused."
        if self.encoding != UTF_8:
            yield f"The file is not in {UTF_8}: its text was read as {self.encoding}."
        yield f"Patients: {self.patients}."
        yield f"Appointments: {self.appointments} ({self.moved} moved, {self.cancelled} cancelled)."
        yield f"Blocks: {self.blocks}."
        yield (
            f"New to the clinic: {self.new_locations} locations, {self.new_practitioners} practitioners, "
            f"{self.new_types} appointment types."
        )
        yield f"Consents: {self.consents_given} given, {self.consents_withdrawn} withdrawn."
        if self.refusals:
            yield "Refused, nothing of these rows went in:"
            yield from map(_in_words, self.refusals)
        if self.notes:
            yield "Rows of one patient that disagree:"
            yield from map(_in_words, self.notes)


def _in_words(refusal: Refusal) -> str:
    if not refusal.column:
        return f"  line {refusal.line}: {refusal.reason}"
    value = refusal.value if len(refusal.value) <= _SHOWN else refusal.value[: _SHOWN - 1] + "…"
    return f"  line {refusal.line}, {refusal.column} {_visible(value)}: {refusal.reason}"


def _visible(value: str) -> str:
    """The cell in quotes; what a terminal would act on is written as an escape."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)
    return f'"{shown}"' if shown else "(empty)"
