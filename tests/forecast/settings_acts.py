"""What may administrators do? The clinic's hours, closed days, pause, channels, rules, packages and wordings, each
changed in the product and in the model."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from tests.forecast.acts import Acts
from tests.forecast.entities import Rule


class SettingsActs(Acts):
    """Everything that administrators do."""

    def clinic_hours(self, quiet_from: time, quiet_until: time) -> None:
        """Quiet hours."""
        with self.act() as doing:
            doing.changes_all((self.clinic.quiet_from, self.clinic.quiet_until) != (quiet_from, quiet_until))
            self.product.settings(self.now, quiet_from=quiet_from, quiet_until=quiet_until)
            self.clinic.quiet_from, self.clinic.quiet_until = quiet_from, quiet_until

    def closed_weekdays(self, days: set[int]) -> None:
        """The weekdays on which nothing leaves."""
        with self.act() as doing:
            doing.changes_all(self.clinic.closed_weekdays != days)
            self.product.settings(self.now, closed_weekdays=sorted(days))
            self.clinic.closed_weekdays = days

    def channels_on(self, channels: set[str]) -> None:
        """The channels that are switched on: gates, no matter of the plan."""
        with self.act():
            self.product.settings(self.now, channels_on=sorted(channels))
            self.clinic.channels_on = channels

    def default_channel(self, channel: str) -> None:
        """For patients who prefer none."""
        with self.act() as doing:
            doing.changes_all(self.clinic.default_channel != channel)
            self.product.settings(self.now, default_channel=channel)
            self.clinic.default_channel = channel

    def pause(self, until: datetime) -> None:
        """Nothing leaves before that."""
        with self.act() as doing:
            doing.changes_all(self.clinic.paused_until != until)
            self.product.pause(until, self.now)
            self.clinic.paused_until = until

    def lift(self) -> None:
        """The pause that runs ends now."""
        with self.act() as doing:
            doing.changes_all()
            self.product.resume(self.now)
            self.clinic.paused_until = self.now

    def close(self, day: date, place: int | None = None) -> None:
        """A closed day, everywhere or at one place."""
        with self.act() as doing:
            doing.changes_all()
            self.product.close(day, place, self.now)
            self.closed_days(place).add(day)

    def reopen(self, day: date, place: int | None = None) -> None:
        """And taken back."""
        with self.act() as doing:
            doing.changes_all()
            self.product.reopen(day, place, self.now)
            self.closed_days(place).discard(day)

    def closed_days(self, place: int | None) -> set[date]:
        """What the clinic said of one place, or of all."""
        return self.clinic.places[place].closed_days if place else self.clinic.closed_days

    def rule(self, key: int | None = None, **fields: Any) -> int | None:
        """A new rule (no key), or another mind about one; gives its key, None where it is refused."""
        with self.act() as doing:
            rules = self.model.world.rules
            before = rules[key] if key else Rule(0)
            wanted = replace(before, **fields)
            made = self.product.rule(key, self.now, _words(wanted))
            if made is not None:
                doing.changes_all(key is None or wanted != before)
                rules[made] = replace(wanted, key=made)
        return made

    def package(self, practitioner: int, kind: str, on: bool) -> None:
        """The practitioner's own package: a gate, no matter of the plan."""
        with self.act():
            self.product.package(practitioner, kind, on, self.now)
            off = self.clinic.package_off
            (off.discard if on else off.add)((practitioner, kind))

    def wording(self, kind: str, channel: str, with_phone: bool = False) -> None:
        """New words, with the practitioner's phone or without."""
        with self.act():
            self.product.wording(kind, channel, with_phone, self.now)
            self.clinic.wordings[kind, channel] = with_phone


def _words(rule: Rule) -> Mapping[str, Any]:
    """The model's words of a rule, lists in an order."""
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in vars(rule).items()}
