"""What of a clinic hardly ever changes? Its rules, words, senders, people, places, visit types and own days. A worker
keeps them from one turn to the next, and uses them only where the database says that they are still the same.

Each look reads the names of the row versions (ctid and xmin) of all these rows, in the transaction that decides. They
are compared as they are: a row that was written, added or taken away since has another name, whoever did it and how. So
what is kept is as current as what would have been read.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appointments.models import AppointmentType
from clinics.fetch import Wanted, fetch_together
from clinics.holidays import OwnDays, as_own_days
from clinics.models import ClosedDay, Location, Practitioner
from messaging.models import Sender
from reminders.material import Wording
from reminders.models import PackageSwitch, Rule, Template, TemplateVersion

#: How many clinics a process keeps, those looked at last.
KEPT = 512


@dataclass(frozen=True)
class House:
    """What belongs to the clinic itself. Rows are shared by turns, and changed by none of them."""

    rules: Mapping[int, Rule]
    #: (kind, channel, language) → words
    wordings: Mapping[tuple[str, str, str], Wording]
    senders: Mapping[str, Sender]
    #: (practitioner, kind) that the practitioner's own package has switched off
    switched_off: frozenset[tuple[int, str]]
    own_days: OwnDays
    practitioners: Mapping[int, Practitioner]
    locations: Mapping[int, Location]
    types: Mapping[int, AppointmentType]


_IN_FORCE = (
    "EXISTS (SELECT 1 FROM reminders_template o "
    "WHERE o.clinic_id = t.clinic_id AND o.id = t.template_id AND o.version = t.version)"
)
ROWS = (
    Wanted(Rule, "true"),
    Wanted(Template, "true"),
    Wanted(TemplateVersion, _IN_FORCE),
    Wanted(Sender, "t.active"),
    Wanted(PackageSwitch, "NOT t.on"),
    Wanted(ClosedDay, "true"),
    Wanted(Practitioner, "true"),
    Wanted(Location, "true"),
    Wanted(AppointmentType, "true"),
)
#: The names of these rows' versions, each table's apart (migration 0020; a test holds both together).
VERSIONS = "reminders_house_versions()"


class Houses:
    """Those that this process keeps."""

    def __init__(self, most: int = KEPT) -> None:
        """None yet."""
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, tuple[list[str | None], House]] = OrderedDict()

    def of(self, clinic_id: int, versions: list[str | None]) -> House:
        """The clinic's as `VERSIONS` names it, read in this transaction; inside `in_clinic`."""
        with self._lock:
            known = self._kept.get(clinic_id)
            if known is not None and known[0] == versions:
                self._kept.move_to_end(clinic_id)
                return known[1]
        rows, named = fetch_together(*ROWS, beside=VERSIONS)
        house = _house(rows)
        with self._lock:
            self._kept[clinic_id] = (named, house)
            self._kept.move_to_end(clinic_id)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return house


def _house(rows: list[list[Any]]) -> House:
    rules, templates, versions, senders, switches, days, practitioners, locations, types = rows
    named = {one.pk: one for one in templates}
    return House(
        rules=_by_id(rules),
        wordings={
            (own.kind, own.channel, own.language): Wording(own.language, one.subject, one.body)
            for one in versions
            if (own := named[one.template_id])
        },
        senders={one.channel: one for one in senders},
        switched_off=frozenset((one.practitioner_id, one.kind) for one in switches),
        own_days=as_own_days((one.location_id, one.day, one.closed) for one in days),
        practitioners=_by_id(practitioners),
        locations=_by_id(locations),
        types=_by_id(types),
    )


def _by_id(rows: list[Any]) -> dict[int, Any]:
    return {row.pk: row for row in rows}


#: This process's.
houses = Houses()
