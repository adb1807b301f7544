"""How does one of the clinic's practitioners change? The one writer of Practitioner, after the import's and the demo's.

No moment of a reminder rests on name or phone: wordings take them when a message goes, so nothing is planned again.
"""

from collections.abc import Mapping
from typing import Any

from clinics.models import Clinic, Practitioner, SettingArea
from clinics.row_writing import write_row
from clinics.setting_log import Act


def write_practitioner(
    clinic: Clinic, practitioner: Practitioner, fields: Mapping[str, Any], act: Act
) -> frozenset[str]:
    """Changes the fields that differ and keeps who did it; inside `in_clinic`. Gives the names of what changed. Raises
    ValueError for a field that is not an administrator's, IntegrityError for another practitioner's name."""
    return write_row(clinic, SettingArea.PERSON, practitioner.pk, fields, act)
