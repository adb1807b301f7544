"""A receptionist's whole way, in a browser over the real product: from the old system's file to the patient's phone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.end_to_end.chromium import chromium, log_in, needs_chromium
from tests.end_to_end.demo import CLINIC, Demo
from tests.faults.waiting import until

pytestmark = [pytest.mark.smoke, needs_chromium]

#: The demo's rule, two hours before by SMS. Staff of this clinic read Spanish, and local times.
LEAD = timedelta(hours=2)
ZONE = ZoneInfo("Europe/Madrid")
STEP = timedelta(minutes=5)
#: From the booking until its reminder falls due there are at least so many minutes for the clicks of the test.
HEAD_START = timedelta(minutes=10)
#: Those who send look for new rows every 20 seconds; the rest is for a busy machine.
PLANNED_WITHIN = 60.0
#: (reference, first name, last name, number) of those in the file. Nobody of the demo has these names.
STAYER = ("WAY-1", "Ainhoa", "Zubiri", "+34655010021")
MOVER = ("WAY-2", "Eneko", "Zabaleta", "+34655010022")
LEAVER = ("WAY-3", "Maialen", "Zulueta", "+34655010023")
PRACTITIONERS = ("Dra. Elena Ruiz", "Dr. Marcos Vidal", "Nuria Campos")
COLUMNS = (
    "appointment_ref;patient_ref;first_name;last_name;phone_1;default_notifications;consent_data_protection;"
    "consent_sms;practitioner;location;type;start;end;status"
)


@dataclass(frozen=True)
class Times:
    """When the visits are, in the clinic's zone. Each reminder falls due two hours before, the booked one's last."""

    imported: datetime
    before_move: datetime
    cancelled: datetime
    after_move: datetime
    booked: datetime


@dataclass(frozen=True)
class Desk:
    """The receptionist's page, and what stands around it."""

    demo: Demo
    page: Any
    times: Times

    @property
    def agenda(self) -> str:
        """The address of the day of the visits."""
        return f"{self.demo.product.web_url}/c/{CLINIC}/?day={self.times.booked:%Y-%m-%d}"

    def open_visit(self, person: tuple[str, ...]) -> None:
        """From the agenda to the page of the only visit that a person has there."""
        self.page.goto(self.agenda)
        self.page.click(f".day a.line-link:text-is('{person[1]} {person[2]}')")
        self.page.wait_for_selector(".answer")

    def says_sms_goes(self, start: datetime) -> None:
        """Waits for the page to say when the SMS for a visit at `start` will go."""
        words = rf"SMS · Recordatorio: saldrá el .* {start - LEAD:%H:%M}\."
        self.page.locator(".answer", has_text=re.compile(words)).wait_for()


@pytest.fixture
def desk(demo: Demo, tmp_path: Path) -> Iterator[Desk]:
    """The file is imported, and the receptionist logged in; at the end no page has complained."""
    times, errors = _times(demo), list[str]()
    file = tmp_path / "agenda.csv"
    file.write_text(_file(times), encoding="utf-8")
    assert "agenda.csv" in demo.product.manage("import_agenda", str(file), "--clinic", CLINIC)
    with chromium(errors) as browser:
        made = Desk(demo, browser.new_page(), times)
        log_in(made.page, made.agenda, demo.email, demo.password)
        yield made
    assert errors == []


def _times(demo: Demo) -> Times:
    """Counted from the product's clock as it stands, on a step of five minutes."""
    seen = demo.clock()
    assert seen
    least = datetime.fromisoformat(seen["now"]) + LEAD + HEAD_START
    begin = datetime.fromtimestamp((least.timestamp() // 300 + 1) * 300, UTC).astimezone(ZONE)
    return Times(*(begin + number * STEP for number in range(5)))


def _file(times: Times) -> str:
    """The agenda as the old system exports it."""
    visits = zip((STAYER, MOVER, LEAVER), (times.imported, times.before_move, times.cancelled), strict=True)
    rows = [
        f"{person[0]};{person[0]};{person[1]};{person[2]};{person[3]};sí;sí;sí;{who};Sol Centro;Revisión;"
        f"{start:%d/%m/%Y %H:%M};;programada"
        for (person, start), who in zip(visits, PRACTITIONERS, strict=True)
    ]
    return "\r\n".join([COLUMNS, *rows, ""])


def test_from_the_file_to_the_phone_and_the_log(desk: Desk) -> None:
    _sees_the_imported_visit(desk)
    _books_another(desk)
    _moves_one(desk)
    _cancels_one(desk)
    _waits_at_the_phone(desk)
    _finds_in_the_log_what_went(desk)


def _sees_the_imported_visit(desk: Desk) -> None:
    """The visit is there at once; what goes for it as soon as those who send have looked at the new rows."""
    line = desk.page.locator(".day .line", has_text=f"{STAYER[1]} {STAYER[2]}")
    assert line.count() == 1
    assert f"{desk.times.imported:%H:%M}" in line.locator(".line-time").inner_text()
    chip = line.locator(".chip-pending", has_text="SMS")

    def is_planned() -> bool:
        desk.page.reload()
        return bool(chip.count())

    until(is_planned, PLANNED_WITHIN, "the agenda shows the SMS of the imported visit")


def _books_another(desk: Desk) -> None:
    page = desk.page
    page.click(".head-do .button-main")
    page.fill("#sought", STAYER[2])
    page.check("#patient-choices .choice input")
    page.fill("#id_time", f"{desk.times.booked:%H:%M}")
    page.select_option("#id_type", label="Seguimiento (30 min)")
    page.select_option("#id_practitioner", label="Álvaro Peña")
    page.select_option("#id_location", label="Sol Chamberí")
    page.click(".form-end .button-main")
    page.wait_for_selector("text=La cita está reservada.")
    desk.says_sms_goes(desk.times.booked)


def _moves_one(desk: Desk) -> None:
    desk.open_visit(MOVER)
    desk.says_sms_goes(desk.times.before_move)
    desk.page.click(".acts a[href$='/move/']")
    desk.page.fill("#id_time", f"{desk.times.after_move:%H:%M}")
    desk.page.click(".form-end .button-main")
    desk.says_sms_goes(desk.times.after_move)


def _cancels_one(desk: Desk) -> None:
    desk.open_visit(LEAVER)
    desk.page.click(".acts a[href$='/cancel/']")
    stops = desk.page.locator(".question li")
    assert f"{desk.times.cancelled - LEAD:%H:%M}" in stops.filter(has_text="SMS").inner_text()
    desk.page.click(".question .button-bad")
    desk.page.wait_for_selector("text=La cita está cancelada. Sus recordatorios no saldrán.")
    assert "saldrá el" not in desk.page.inner_text("main")


def _waits_at_the_phone(desk: Desk) -> None:
    """The person at the sandbox presses its button until the SMS of the booked visit is there."""
    demo, times = desk.demo, desk.times
    phone = desk.page.context.new_page()
    phone.goto(f"{demo.product.outside.url}/phones/{STAYER[3]}")

    def booked_is_there() -> bool:
        if any(f"{times.booked:%H:%M}" in body for body in _texts(demo, STAYER)):
            return True
        phone.click("#clock-go button")
        until(demo.is_idle, 30, "what fell due has gone")
        return False

    until(booked_is_there, 120, "the reminder of the booked visit falls due")
    phone.locator(".bubble", has_text=f"{times.booked:%H:%M}").wait_for()
    assert phone.locator(".bubble").count() == 2
    assert _reminds(_texts(demo, STAYER), [times.imported, times.booked])
    assert _reminds(_texts(demo, MOVER), [times.after_move])
    assert _texts(demo, LEAVER) == []


def _reminds(bodies: list[str], starts: list[datetime]) -> bool:
    """Whether these are one reminder for each visit, and no other."""
    return len(bodies) == len(starts) and all(f"{at:%H:%M}" in body for body, at in zip(bodies, starts, strict=True))


def _texts(demo: Demo, person: tuple[str, ...]) -> list[str]:
    """What the outside world sent to a person's phone, oldest first."""
    return [one["body"] for one in demo.product.outside.texts() if one["recipient"] == person[3]]


def _finds_in_the_log_what_went(desk: Desk) -> None:
    page, log = desk.page, f"{desk.demo.product.web_url}/c/{CLINIC}/log/?channel=sms&word=sent&patient="
    for person, visits in ((LEAVER, 0), (MOVER, 1), (STAYER, 2)):
        page.goto(f"{log}{person[0]}")
        assert page.locator(".log tbody tr").count() == visits, person[0]
    row = page.locator(".log tbody tr", has_text=f"{desk.times.booked:%H:%M}")
    assert "Enviado" in row.locator(".chip-sent").inner_text()
    row.locator("a.chip").click()
    page.wait_for_selector(".try-good")
    assert page.inner_text(".letter-text").strip() == _texts(desk.demo, STAYER)[-1].strip()
    page.click(".mailbox-link")
    page.locator(".bubble", has_text=f"{desk.times.booked:%H:%M}").wait_for()
