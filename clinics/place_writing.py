"""How does one of the clinic's places change? The one writer of Location, after the import's and the demo's.

As with `clinics.writing`, pages go through `reminders.replanning`, which has the plan follow.
"""

from collections.abc import Mapping
from typing import Any

from clinics.models import Clinic, Location, SettingArea
from clinics.row_writing import write_row
from clinics.setting_log import Act, differences, note_change


def write_place(clinic: Clinic, location: Location, fields: Mapping[str, Any], act: Act) -> frozenset[str]:
    """Changes the fields that differ and keeps who did it; inside `in_clinic`. Gives the names of what changed. Raises
    ValueError for a field that is not an administrator's, IntegrityError for another place's name."""
    return write_row(clinic, SettingArea.PLACE, location.pk, fields, act)


def write_place_region(clinic: Clinic, location: Location, region: str, act: Act) -> bool:
    """The place keeps the holidays of that region; empty for the clinic's own. Whether that is new. Kept among the
    changes of closed days, as that page makes it. Inside `in_clinic`."""
    present = Location.objects.select_for_update(no_key=True).get(pk=location.pk)
    changed = differences({"region": present.region}, {"region": region})
    if changed:
        present.region = region
        present.save(update_fields=["region"])
        note_change(clinic, SettingArea.HOLIDAYS, {**changed, "place": [None, present.pk]}, act)
    return bool(changed)
