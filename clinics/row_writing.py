"""How does an administrator's change reach a row of the settings? What differs is written, and kept with who did it.

`write_row` is for the rows that a clinic has several of (`clinics.place_writing`, `clinics.practitioner_writing`); the
clinic's own row has a writer of its own (`clinics.writing`).
"""

from collections.abc import Collection, Mapping
from typing import Any

from clinics.models import Clinic, Location, Practitioner, SettingArea
from clinics.setting_log import Act, differences, note_change

#: The table of the setting log's area, and what a clinic's administrators may change of its rows.
_WRITABLE: Mapping[SettingArea, tuple[type[Location] | type[Practitioner], frozenset[str]]] = {
    SettingArea.PLACE: (Location, frozenset({"name", "address", "time_zone", "region"})),
    SettingArea.PERSON: (Practitioner, frozenset({"name", "phone"})),
}


def write_row(clinic: Clinic, area: SettingArea, row_id: int, fields: Mapping[str, Any], act: Act) -> frozenset[str]:
    """Changes the fields of that row that differ; inside `in_clinic`. Gives the names of what changed. Raises
    ValueError for a field that is not an administrator's, IntegrityError for the name of another row."""
    table, writable = _WRITABLE[area]
    changed = change_fields(table, row_id, fields, writable)
    note_change(clinic, area, changed, act, row=row_id)
    return frozenset(changed)


def change_fields(
    table: Any, row_id: int, fields: Mapping[str, Any], writable: Collection[str]
) -> dict[str, list[Any]]:
    """Locks the row and writes the fields that differ; inside `in_clinic`. Gives field → [before, after] of those.
    Raises ValueError for a field that is not among the writable ones."""
    if forbidden := set(fields).difference(writable):
        raise ValueError(f"not an administrator's to change: {sorted(forbidden)}")
    present = table.objects.select_for_update(no_key=True).get(pk=row_id)
    changed = differences({name: getattr(present, name) for name in fields}, fields)
    if changed:
        for name in changed:
            setattr(present, name, fields[name])
        present.save(update_fields=list(changed))
    return changed
