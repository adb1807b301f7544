"""How does a comparison begin? With one clinic on both sides, a patient, and wordings for every kind and channel."""

from datetime import datetime

from clinics.models import User
from reminders.lanes import Lanes
from sandbox.server import Sandbox
from tests.forecast.entities import EMAIL, NOTICES, SMS, Clinic, Patient, Place
from tests.forecast.making import make_product, make_wordings
from tests.forecast.model import Model
from tests.forecast.pair import Pair
from tests.forecast.plan import World
from tests.forecast.standing_clock import set_clock
from tests.forecast.witness import Witness

KINDS = ("reminder", "confirmation", *NOTICES)


def begin_pair(user: User, lanes: Lanes, server: Sandbox, now: datetime) -> Pair:
    """At that moment; there is no rule yet. The patient is the model's first."""
    set_clock(now)
    product = make_product(user, lanes, server.smtp_port)
    first, second = product.locations
    clinic = Clinic(phones={product.practitioners[0]}, places={first: Place(), second: Place("Atlantic/Canary")})
    pair = Pair(product, Model(World(clinic)), Witness(server), now)
    every = [(kind, channel) for kind in KINDS for channel in (EMAIL, SMS)]
    make_wordings(product, every, now)
    clinic.wordings.update(dict.fromkeys(every, False))
    pair.new_patient(patient(1))
    return pair


def patient(number: int) -> Patient:
    """To whom everything may be sent, at addresses of his own."""
    return Patient(0, email=f"p{number}@pacientes.example", phone=f"+3460012345{number}")
