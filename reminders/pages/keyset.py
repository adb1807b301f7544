"""How does the log turn its pages? By the key of the last row, so that page 2,000 costs what page 1 does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Q, QuerySet

from reminders.models import Reminder

PAGE_SIZE = 50


@dataclass(frozen=True)
class Key:
    """Where a page ended: the due moment and id of its last row."""

    due_at: datetime
    id: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From the address; None for what is none, so that a mangled link shows the first page."""
        moment, _, number = text.partition("~")
        try:
            due_at, row = datetime.fromisoformat(moment), int(number)
        except ValueError:
            return None
        return cls(due_at, row) if due_at.tzinfo and 0 < row < 2**63 else None

    def __str__(self) -> str:
        return f"{self.due_at.isoformat()}~{self.id}"


def page_of(reminders: QuerySet[Reminder], after: Key | None) -> tuple[list[Reminder], Key | None]:
    """The rows after the key, newest due moment first, and the key of the next page (None on the last)."""
    if after is not None:
        # The plain comparison first: it is the one that the index is entered by.
        reminders = reminders.filter(due_at__lte=after.due_at).filter(
            Q(due_at__lt=after.due_at) | Q(due_at=after.due_at, id__lt=after.id)
        )
    rows = list(reminders.order_by("-due_at", "-id")[: PAGE_SIZE + 1])
    if len(rows) <= PAGE_SIZE:
        return rows, None
    last = rows[PAGE_SIZE - 1]
    return rows[:PAGE_SIZE], Key(last.due_at, last.pk)
