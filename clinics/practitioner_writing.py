"""How does one of the clinic's practitioners change? The one writer of Practitioner, after the import's and the demo's.

No moment of a reminder rests on name or phone: wordings take them when a message goes, so nothing is planned again.
"""

from collections.abc import Mapping
from typing import Any

from clinics.models import Clinic, Practitioner, SettingArea
from clinics.setting_log import Act, differences, note_change

#: What a clinic's administrators may change.
WRITABLE = frozenset({"name", "phone"})


def write_practitioner(
    clinic: Clinic, practitioner: Practitioner, fields: Mapping[str, Any], act: Act
) -> frozenset[str]:
    """Changes the fields that differ and keeps who did it; inside `in_clinic`. Gives the names of what changed. Raises
    ValueError for a field that is not an administrator's, IntegrityError for another practitioner's name."""
    if forbidden := set(fields) - WRITABLE:
        raise ValueError(f"not an administrator's to change: {sorted(forbidden)}")
    present = Practitioner.objects.select_for_update(no_key=True).get(pk=practitioner.pk)
    changed = differences({name: getattr(present, name) for name in fields}, fields)
    if changed:
        for name in changed:
            setattr(present, name, fields[name])
        present.save(update_fields=list(changed))
        note_change(clinic, SettingArea.PERSON, changed, act, row=present.pk)
    return frozenset(changed)
