"""What time is it? PostgreSQL's clock plus an offset that only the sandbox moves; no worker's clock is ever asked.

Due moments, deadlines, grace, quiet hours and next tries use this clock. Leases, heartbeats and waits for a provider
use real time (`clock_timestamp()` in SQL). Domain functions take `now` as an argument; only tasks, pages and commands
call `now()`.
"""

from datetime import datetime, timedelta

from django.db import connection

#: SQL for the shifted clock, for statements that need it inside the database.
NOW_SQL = "(clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0'))"


def now() -> datetime:
    """The shifted clock, aware, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOW_SQL}")
        value: datetime = cursor.fetchone()[0]
    return value


def real_now() -> datetime:
    """PostgreSQL's own clock, aware, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        value: datetime = cursor.fetchone()[0]
    return value


def shift() -> timedelta:
    """How far the clock runs ahead of real time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce((SELECT shift FROM clinics_clock), interval '0')")
        value: timedelta = cursor.fetchone()[0]
    return value


def move_to(new_shift: timedelta) -> None:
    """Sets the offset, forward only. Raises ValueError when that would turn the clock back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clinics_clock (id, shift) SELECT 1, %s::interval WHERE %s::interval >= interval '0' "
            "ON CONFLICT (id) DO UPDATE SET shift = excluded.shift WHERE clinics_clock.shift <= excluded.shift",
            [f"{new_shift.total_seconds()} seconds"] * 2,
        )
        if cursor.rowcount != 1:
            raise ValueError("the clock only moves forward")
