"""What does a patient see on the phone? Each number's messages as a conversation, and the list of the phones."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from urllib.parse import quote

from sandbox.frame import moment
from sandbox.markup import Html, fill, join, with_links
from sandbox.sms.record import SmsRecord

_MOST_PHONES = 200
_MOST_TEXTS = 200


class Phones:
    """The patients' phones."""

    def __init__(self, record: SmsRecord) -> None:
        self._record = record

    def table(self, part: str) -> Html:
        """Every phone with messages, the newest first; `part` is a part of the number."""
        rows = self._record.phones(part.replace(" ", ""), _MOST_PHONES)
        if rows:
            more = f"The {_MOST_PHONES} with the newest message are shown." if len(rows) == _MOST_PHONES else ""
            return fill("card_table", rows=join(_phone_row(row) for row in rows), more=more)
        if part:
            return fill("empty", words=f"No phone's number contains “{part}”.")
        return fill("empty", words="No SMS has arrived yet. When the product sends one, it appears here.")

    def conversation(self, number: str) -> Html:
        """One phone's messages, oldest first, with a line for each new day."""
        rows = self._record.conversation(number, _MOST_TEXTS)
        if not rows:
            return fill("phone", number=number, count=_count(0), bubbles=_none_yet())
        pieces, day = [], ""
        for row in rows:
            at = datetime.fromtimestamp(row["received_clock"], UTC)
            if f"{at:%a %d %b %Y}" != day:
                day = f"{at:%a %d %b %Y}"
                pieces.append(fill("day", day=day))
            pieces.append(_bubble(row, f"{at:%H:%M} UTC"))
        return fill("phone", number=number, count=_count(len(rows)), bubbles=join(pieces))


def _bubble(row: sqlite3.Row, at: str) -> Html:
    segments = row["segments"]
    return fill(
        "bubble",
        sender=row["sender"],
        text=with_links(row["body"]),
        moment=at,
        segments="1 segment" if segments == 1 else f"{segments} segments",
    )


def _none_yet() -> Html:
    return fill("no_bubble", words="No SMS for this number yet.")


def _phone_row(row: sqlite3.Row) -> Html:
    return fill(
        "phone_row",
        number=row["number"],
        place=f"/phones/{quote(row['number'], safe='+')}",
        texts=row["texts"],
        text=f"{row['sender']}: {row['body']}",
        moment=moment(row["received_clock"]),
    )


def _count(texts: int) -> str:
    if texts == _MOST_TEXTS:
        return f"the newest {texts} messages"
    return f"{texts} message{'' if texts == 1 else 's'}"
