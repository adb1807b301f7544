"""Do exactly the eligible reminders arrive, each when it falls due? A real agenda, and a clock moved for two weeks.

2,000 dirty rows of three clinics in three zones come in by the real command; the processes are the real ones. The
clock goes in steps of 15 minutes; a step in which by the product's own answer nothing is to be looked at is jumped
over, and what that would miss comes late. What arrived is compared with a model that reads the files itself.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.data.clinics import CLINICS
from tests.data.make_agenda import FORTNIGHT_BEGINS
from tests.faults.agenda_arrivals import Listener
from tests.faults.agenda_reading import Agenda, cut_agenda, read_agenda
from tests.faults.agenda_verdict import KINDS, Arrival, Told, compare
from tests.faults.eligibility import EMAIL, SMS, expected
from tests.faults.fortnight_load import STEPS
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.walk import STEP, Walk

#: Rings often, as each step waits for one; nothing fails here, so the waits are those of real life.
PACE = Pace(lease=60, reconcile=900, drain=20, ring=0.25, smtp_timeout=15, look=60)
#: What the issue allows for the import of all three files.
_IMPORT_SECONDS = 20.0
_NAMES = {clinic.slug: clinic.name for clinic in CLINICS}


@dataclass(frozen=True)
class Span:
    """Through which days the clock goes, and which channels take part."""

    begins: datetime = FORTNIGHT_BEGINS
    days: float = 14
    channels: tuple[str, ...] = (EMAIL, SMS)
    #: Leaves out of the files what begins before the span, or so long after it that nothing of it is due within.
    cut: bool = False

    @property
    def last_step(self) -> int:
        """The number of the last step."""
        return round(timedelta(days=self.days) / STEP)

    def files(self) -> dict[str, bytes]:
        """The agendas to import, by clinic."""
        ends = self.begins + timedelta(days=self.days + 2)
        return {
            clinic.slug: cut_agenda(clinic, self.begins, ends) if self.cut else clinic.file.read_bytes()
            for clinic in CLINICS
        }


@dataclass
class Course:
    """What happened: messages by step, steps in which anything was to be done, seconds of the import, findings."""

    arrivals: list[Arrival] = field(default_factory=list)
    steps: int = 0
    import_seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


def run(order: Order) -> Outcome:
    """Two weeks at scale 1."""
    return fortnight(Span(days=14 * order.scale))


def fortnight(span: Span) -> Outcome:
    """The same for a given span."""
    began = time.monotonic()
    files = span.files()
    agendas = [read_agenda(clinic, files[clinic.slug]) for clinic in CLINICS]
    course = Course()
    with stack(PACE) as product:
        product.start_sandbox()
        walk = Walk(product, span.begins)
        walk.go_to(span.begins)
        product.run("-m", "tests.faults.fortnight_load", *span.channels)
        product.start("worker-1", "worker-2", "beat")
        _bring_in(product, agendas, files, course)
        _walk(walk, span, course)
        course.findings += [f"died by itself: {name}" for name in product.dead()]
    figures, findings = _judge(span, agendas, course, walk)
    figures["seconds"] = round(time.monotonic() - began, 1)
    return Outcome(figures, not findings and bool(figures["reminders"]), findings)


def _judge(span: Span, agendas: list[Agenda], course: Course, walk: Walk) -> tuple[dict[str, object], list[str]]:
    """The figures, and what speaks against the product."""
    steps = tuple(step for step in STEPS if step.channel in span.channels)
    until = walk.moment(span.last_step)
    due = [one for agenda in agendas for one in expected(agenda, steps, span.begins, until)]
    told = [
        (Told(one.clinic, one.channel, one.address, one.first_name, one.wall), walk.step_of(one.moment)) for one in due
    ]
    verdict = compare(told, course.arrivals, _NAMES)
    figures: dict[str, object] = {"runs": 1, "rows": sum(agenda.rows for agenda in agendas), "reminders": len(due)}
    figures |= {channel: sum(one.channel == channel for one in due) for channel in span.channels}
    figures |= {"arrived": len(course.arrivals), **{kind: verdict.counts[kind] for kind in KINDS}}
    figures |= {"steps": f"{course.steps}/{span.last_step}", "import_seconds": round(course.import_seconds, 1)}
    return figures, [*course.findings, *verdict.findings]


def _bring_in(product: Stack, agendas: list[Agenda], files: dict[str, bytes], course: Course) -> None:
    """By the real command, while the workers plan what is there already. It must take and refuse what the files' own
    reading says, in its time, by its own clock."""
    for agenda in agendas:
        slug, refused = agenda.clinic.slug, len(agenda.refused)
        path = product.folder / f"{slug}.csv"
        path.write_bytes(files[slug])
        said = product.manage("import_agenda", str(path), "--clinic", slug)
        if f"Rows: {agenda.rows} read, {agenda.rows - refused} taken, {refused} refused." not in said:
            course.findings.append(f"import of {slug}: {said.splitlines()[1]}")
        course.import_seconds += float(said.splitlines()[0].rpartition(": ")[2].removesuffix(" s"))
    if course.import_seconds > _IMPORT_SECONDS:
        course.findings.append(f"the import took longer than {_IMPORT_SECONDS:g} s")


def _walk(walk: Walk, span: Span, course: Course) -> None:
    listener = Listener(walk.product.outside, span.channels)
    step: int | None = 0
    while step is not None and step <= span.last_step:
        if step:
            walk.go_to(walk.moment(step))
        walk.settle()
        course.steps += 1
        course.arrivals += listener.new(step)
        step = walk.next_step()


CAMPAIGNS = (Campaign("fortnight", run, (), "exactly the eligible ones arrive, each in its step", on_request=True),)
