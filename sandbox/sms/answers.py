"""In which form does the API show a message, and a page of a list?

Sources: "Messages resource" (properties, RFC 2822 dates in GMT), "Twilio API responses" (paging).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.sms.callbacks import API_VERSION

#: The words of the error dictionary for the codes with which a message can end.
ERROR_WORDS = {
    30001: "Queue overflow",
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30036: "Validity period expired",
}


def message_answer(row: sqlite3.Row) -> dict[str, Any]:
    """A message. One that a Messaging Service was given has no sender and no segments before it is queued."""
    uri = f"/{API_VERSION}/Accounts/{row['account']}/Messages/{row['sid']}"
    code = row["fate"] if row["status"] in {"undelivered", "failed"} else None
    waiting = row["status"] == "accepted"
    return {
        "account_sid": row["account"],
        "api_version": API_VERSION,
        "body": row["body"],
        "date_created": _date(row["received_real"]),
        "date_sent": _date(row["sent_real"]),
        "date_updated": _date(row["updated_real"]),
        "direction": "outbound-api",
        "error_code": code,
        "error_message": None if code is None else ERROR_WORDS[code],
        "from": None if waiting else row["sender"],
        "messaging_service_sid": row["service"],
        "num_media": "0",
        "num_segments": "0" if waiting else str(row["segments"]),
        "price": None,
        "price_unit": "USD",
        "sid": row["sid"],
        "status": row["status"],
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": row["recipient"],
        "uri": f"{uri}.json",
    }


def page_answer(
    path: str, query: Sequence[tuple[str, str]], rows: Sequence[sqlite3.Row], place: tuple[int, int], more: bool
) -> dict[str, Any]:
    """A page of a list. `query` holds its filters, `place` the page's number and its size."""
    page, size = place

    def uri(number: int, token: str | None) -> str:
        paging = [("PageSize", str(size)), ("Page", str(number))] + ([("PageToken", token)] if token else [])
        return f"{path}?{urlencode([*query, *paging])}"

    return {
        "end": page * size + len(rows) - 1 if rows else page * size,
        "first_page_uri": uri(0, None),
        "messages": [message_answer(row) for row in rows],
        "next_page_uri": uri(page + 1, f"PASM{rows[-1]['id']}") if more and rows else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": uri(0, None) if page == 1 else None,  # further back leads no token
        "start": page * size,
        "uri": path + (f"?{urlencode(query)}" if query else ""),
    }


def _date(seconds: float | None) -> str | None:
    return None if seconds is None else format_datetime(datetime.fromtimestamp(seconds, UTC).replace(microsecond=0))
