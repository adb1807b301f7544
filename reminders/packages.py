"""Which kinds of messages does a practitioner's own package have? The one writer of PackageSwitch.

All are on until one is switched off. A package is a gate, looked at when a message goes: nothing is planned again.
"""

from collections.abc import Mapping

from clinics.models import Clinic, Practitioner, SettingArea
from clinics.setting_log import Act, note_change
from reminders.kinds import Kind
from reminders.models import PackageSwitch


def packages() -> dict[int, dict[Kind, bool]]:
    """Practitioner (id) → kind → whether it is on, for all of the clinic's. Inside `in_clinic`."""
    off = set(PackageSwitch.objects.filter(on=False).values_list("practitioner_id", "kind"))
    ids = Practitioner.objects.order_by("pk").values_list("pk", flat=True)
    return {pk: {kind: (pk, kind.value) not in off for kind in Kind} for pk in ids}


def lock_packages(clinic: Clinic) -> None:
    """Lets nobody else change the clinic's packages, or the rest of its settings, until the transaction ends."""
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def write_package(clinic: Clinic, practitioner: Practitioner, wanted: Mapping[Kind, bool], act: Act) -> frozenset[Kind]:
    """Switches kinds on or off for one practitioner, and keeps who did it; inside `in_clinic`. Kinds that are not named
    stay. Gives those that changed."""
    lock_packages(clinic)
    present = {one.kind: one.on for one in PackageSwitch.objects.filter(practitioner=practitioner)}
    changed = {kind: on for kind, on in wanted.items() if present.get(kind.value, True) is not on}
    for kind, on in changed.items():
        PackageSwitch.objects.update_or_create(
            clinic=clinic, practitioner=practitioner, kind=kind.value, defaults={"on": on}
        )
    details = {kind.value: [not on, on] for kind, on in changed.items()}
    note_change(clinic, SettingArea.PACKAGE, details, act, row=practitioner.pk)
    return frozenset(changed)
