"""What may people do in the agenda and in patients' records? Each act is done to the product and to the model.

An act happens at a moment of its own (`begin`); after it the appointments that it changed are planned, and the drain
rings (`end`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from tests.forecast import by_hand
from tests.forecast import plan as own_plan
from tests.forecast.entities import Appointment, Clinic, Left, Patient, Row
from tests.forecast.model import Model
from tests.forecast.product import Product, half_hour_after
from tests.forecast.witness import Witness

#: The model's words of a patient and of an appointment, and the product's columns.
_PATIENT = {
    "email": "email", "preferred": "preferred_channel", "default_notifications": "default_notifications",
    "data_protection": "consent_data_protection", "archived": "archived",
}  # fmt: skip
_APPOINTMENT = {
    "practitioner": "practitioner_id", "location": "location_id", "type": "type_id", "status": "status",
    "deleted": "deleted", "patient": "patient_id",
}  # fmt: skip


@dataclass
class Doing:
    """An act under way: which appointments are planned after it (None: all)."""

    plans: list[int] | None = field(default_factory=list)

    def changes_all(self, really: bool = True) -> None:
        """What every appointment rests on has changed, if it has."""
        self.plans = None if really else []


class Acts:
    """Everything that staff and the outside world do."""

    def __init__(self, product: Product, model: Model, witness: Witness, now: datetime) -> None:
        self.product, self.model, self.witness = product, model, witness
        #: The moment of the present act.
        self.now = now
        #: What the model has already said must arrive, before the drain that brings it.
        self.expected: list[Left] = []

    @property
    def clinic(self) -> Clinic:
        """The model's."""
        return self.model.world.clinic

    def visit(self, key: int) -> Appointment:
        """The model's."""
        return self.model.world.appointments[key]

    def begin(self) -> None:
        """An act begins, at a moment of its own."""
        raise NotImplementedError

    def end(self) -> None:
        """The drain rings, and the sides are compared."""
        raise NotImplementedError

    def difference(self, words: str, visits: Iterable[int]) -> AssertionError:
        """The sides do not say the same of these visits."""
        raise NotImplementedError

    @contextmanager
    def act(self, *plans: int) -> Iterator[Doing]:
        """One act of a person."""
        self.begin()
        doing = Doing(list(plans))
        yield doing
        own_plan.plan(self.model.world, self.now, doing.plans)
        self.end()

    # The agenda

    def book(self, start: datetime, **fields: Any) -> int:
        """Gives the appointment's key. `fields` are the model's words."""
        with self.act() as doing:
            columns = {_APPOINTMENT[name]: value for name, value in fields.items()}
            saved = self.product.save(None, self.now, {**columns, "start": start, "end": half_hour_after(start)})
            self.model.world.appointments[saved.pk] = Appointment(saved.pk, start, self.now, **fields)
            doing.plans = [saved.pk]
        return saved.pk

    def move(self, key: int, start: datetime) -> None:
        """To another start."""
        with self.act(key):
            self.product.save(key, self.now, {"start": start, "end": half_hour_after(start)})
            self.model.move(key, start, self.now)

    def change(self, key: int, **fields: Any) -> None:
        """Another practitioner, place, type, status; or deleted, or restored."""
        with self.act(key):
            self.product.save(key, self.now, {_APPOINTMENT[name]: value for name, value in fields.items()})
            for name, value in fields.items():
                setattr(self.visit(key), name, value)

    def block(self, practitioner: int, start: datetime) -> None:
        """A block changes nothing of anybody's reminders, and has none."""
        with self.act():
            self.product.block(practitioner, start, half_hour_after(start))

    def flag(self, key: int, channel: str, wanted: bool) -> None:
        """Reminders over that channel are wanted for the appointment, or not."""
        with self.act():
            self.product.flag(key, channel, wanted, self.now)
            unwanted = self.visit(key).unwanted
            (unwanted.discard if wanted else unwanted.add)(channel)

    def mark(self, key: int, channel: str = "") -> None:
        """Reminded elsewhere, in the place of one channel or of all."""
        with self.act(key):
            self.product.mark(key, channel, self.now)
            self.visit(key).marks.add((self.visit(key).occurrence, channel))

    def unmark(self, key: int, mark: tuple[int, str]) -> None:
        """And taken back."""
        with self.act(key):
            self.product.unmark(key, *mark, self.now)
            self.visit(key).marks.discard(mark)

    def answer(self, key: int, event: str, notify: bool) -> None:
        """Whether the patient is told of what was done last."""
        with self.act(key):
            revision = self.product.answer(key, event, notify, self.now)
            if revision is None:
                return
            if notify:
                own_plan.agree(self.model.world, self.visit(key), event, revision, self.now)
            else:
                own_plan.decline(self.model.world, self.visit(key), self.now)

    def send_now(self, key: int, channel: str) -> str:
        """A person sends at once; what became of it, on both sides."""
        with self.act():
            token = uuid4()
            became = self.product.send_now(key, channel, token, self.now)
            should = by_hand.send_now(self.model.world, self.visit(key), channel, token.hex, self.now)
            if became != should:
                raise self.difference(f"sending {key} over {channel} now: {became}, not {should}", [key])
        return became

    def confirm_while_claimed(self, key: int, due: datetime, *, begun: bool) -> None:
        """The patient confirms while a worker has the reminder: before it has begun, or after."""
        self.now = due
        self.begin()
        claimed = self.product.claim(self.now)
        if begun:
            self.product.prepare(claimed, self.now)
            self.expected += self.model.settle(self.now)
        self.product.confirm(key, self.now)
        self.visit(key).status = "confirmed"
        if not begun:
            self.product.prepare(claimed, self.now)
        self.end()

    # Patients

    def new_patient(self, patient: Patient) -> int:
        """Gives the patient's key; what `patient` has for one does not count."""
        self.begin()
        columns = {column: getattr(patient, name) for name, column in _PATIENT.items()}
        columns |= {f"consent_{channel}": channel in patient.consents for channel in ("email", "sms")}
        key = self.product.patient(None, self.now, {"first_name": "Lucía", **columns}, patient.phone)
        self.model.world.patients[key] = replace(patient, key=key)
        return key

    def change_patient(self, key: int, **fields: Any) -> None:
        """What stands in his record. Another preferred channel has his visits planned again."""
        with self.act() as doing:
            patient = self.model.world.patients[key]
            if fields.get("preferred", patient.preferred) != patient.preferred:
                doing.plans = [one.key for one in self.model.world.appointments.values() if one.patient == key]
            self.product.patient(key, self.now, {_PATIENT[name]: value for name, value in fields.items()})
            for name, value in fields.items():
                setattr(patient, name, value)

    def consent(self, key: int, channel: str, given: bool) -> None:
        """The patient agrees to a channel, or no longer."""
        with self.act():
            self.product.patient(key, self.now, {f"consent_{channel}": given})
            consents = self.model.world.patients[key].consents
            (consents.add if given else consents.discard)(channel)

    def phone(self, key: int, number: str, landline: bool = False) -> None:
        """His number; empty for none."""
        with self.act():
            self.product.patient(key, self.now, {}, number)
            patient = self.model.world.patients[key]
            patient.phone, patient.landline = number, landline

    # The outside world

    def refuse(self, key: int) -> None:
        """His mailbox does not exist any more."""
        self.witness.refuse(self.model.world.patients[key].email)
        self.model.refused.add(key)

    def accept(self, key: int) -> None:
        """It exists again."""
        self.witness.accept(self.model.world.patients[key].email)
        self.model.refused.discard(key)

    def cut_off(self, key: int) -> None:
        """The next mail to him arrives, and the connection drops before anybody says so."""
        self.witness.cut_off(self.model.world.patients[key].email)
        self.model.cut_off.add(key)

    def evidence_ends(self) -> None:
        """The wait for evidence is over (by real time: the leases are made to end)."""
        with self.act():
            self.product.leases_end()
            self.model.evidence_ends()

    def report(self, row: Row, delivered: bool) -> None:
        """The provider says what became of a text message."""
        with self.act():
            self.product.reported(row.name, delivered)
            self.model.reports.append((row.name, delivered))
