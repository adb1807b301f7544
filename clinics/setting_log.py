"""Who changed which setting, and when? The one writer of SettingEvent, and the questions that pages ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from clinics.models import Clinic, SettingArea, SettingEvent, User


@dataclass(frozen=True)
class Act:
    """Who does something, and when by the shifted clock."""

    by: User | None
    at: datetime


_plain = DjangoJSONEncoder().default


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field → [before, after] for what differs, in values that JSON can hold."""
    return {
        name: [_storable(before.get(name)), _storable(value)]
        for name, value in after.items()
        if before.get(name) != value
    }


def note_change(
    clinic: Clinic, area: SettingArea, details: Mapping[str, Any], act: Act, *, row: int | None = None
) -> None:
    """Keeps a change; nothing where nothing differs. `details` come from `differences`; secrets never stand there.
    Inside `in_clinic`."""
    if details:
        SettingEvent.objects.create(clinic=clinic, area=area, row=row, details=dict(details), by=act.by, at=act.at)


def note_try(clinic: Clinic, area: SettingArea, failed_at: str, act: Act, *, stored: bool) -> None:
    """Keeps that an account was tried: `failed_at` is the step, empty when all went well; `stored` says whether the
    account that was tried is the one in force. Inside `in_clinic`."""
    details = {"failed_at": failed_at, "stored": stored}
    SettingEvent.objects.create(clinic=clinic, area=area, tried=True, details=details, by=act.by, at=act.at)


def newest(area: SettingArea, row: int | None = None, *, limit: int = 20) -> list[SettingEvent]:
    """What was last done to this part of the settings, newest first. Inside `in_clinic`."""
    events = SettingEvent.objects.filter(area=area, row=row).select_related("by").order_by("-id")
    return list(events[:limit])


def newest_of_all(limit: int = 10) -> list[SettingEvent]:
    """What was last done to any part of the settings, newest first. Inside `in_clinic`."""
    return list(SettingEvent.objects.select_related("by").order_by("-id")[:limit])


def last_change(area: SettingArea, row: int | None = None) -> SettingEvent | None:
    """The newest change (not a try). Inside `in_clinic`."""
    return next((one for one in newest(area, row) if not one.tried), None)


def tries_since(area: SettingArea, since: datetime) -> list[datetime]:
    """When this account was tried after `since`, oldest first. Inside `in_clinic`."""
    tries = SettingEvent.objects.filter(area=area, tried=True, at__gt=since).order_by("at")
    return list(tries.values_list("at", flat=True))


def may_try_from(area: SettingArea, now: datetime, *, most: int, within: timedelta) -> datetime | None:
    """None where one more try is allowed now; else the moment from which it is."""
    tries = tries_since(area, now - within)
    return tries[-most] + within if len(tries) >= most else None


def _storable(value: Any) -> Any:
    if value is None or isinstance(value, str | int | bool | list):
        return value
    return _plain(value)
