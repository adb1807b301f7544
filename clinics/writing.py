"""How do a clinic's switches change? The one writer of Clinic.

What reminders rest on (quiet hours, closed days, zone, default channel) must be planned again afterwards, which rooms
above this one know: pages call `reminders.replanning.change_clinic`, never this alone.
"""

from collections.abc import Mapping
from typing import Any

from clinics.models import Clinic, SettingArea
from clinics.row_writing import change_fields
from clinics.setting_log import Act, note_change

#: What a clinic's administrators may change.
WRITABLE = frozenset(
    {
        "name", "phone", "language", "time_zone", "quiet_from", "quiet_until", "closed_weekdays", "default_channel",
        "channels_on", "test_mode", "region", "public_holidays", "paused_until",
    }
)  # fmt: skip


def write_clinic(
    clinic: Clinic, fields: Mapping[str, Any], act: Act, area: SettingArea = SettingArea.CLINIC
) -> frozenset[str]:
    """Changes the fields that differ and keeps who did it, under `area`; inside `in_clinic`. Gives the names of what
    changed; the given clinic has the new values too. Raises ValueError for a field that is not an administrator's."""
    changed = change_fields(Clinic, clinic.pk, fields, WRITABLE)
    for name in changed:
        setattr(clinic, name, fields[name])
    note_change(clinic, area, changed, act)
    return frozenset(changed)
