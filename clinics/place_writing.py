"""How does one of the clinic's places change? The one writer of Location, after the demo's.

As with `clinics.writing`, pages go through `reminders.replanning`, which has the plan follow.
"""

from clinics.models import Clinic, Location, SettingArea
from clinics.setting_log import Act, differences, note_change


def write_place_region(clinic: Clinic, location: Location, region: str, act: Act) -> bool:
    """The place keeps the holidays of that region; empty for the clinic's own. Whether that is new. Inside
    `in_clinic`."""
    present = Location.objects.select_for_update(no_key=True).get(pk=location.pk)
    changed = differences({"region": present.region}, {"region": region})
    if changed:
        present.region = region
        present.save(update_fields=["region"])
        note_change(clinic, SettingArea.HOLIDAYS, {**changed, "place": [None, present.pk]}, act)
    return bool(changed)
