"""How does the product's clock stand nearly still? Its shift is read from a view that takes real time back.

The product adds the one row of `clinics_clock` to PostgreSQL's clock. A temporary view of that name, which a session
sees before the table, gives the shift that leads to a chosen moment, however long a slow machine takes meanwhile. A
twentieth of real time is left, so that of two looks the later one never sees an earlier time. The table has the shift
too, for the connections of the sending threads.
"""

from datetime import datetime

from django.db import connection

_MAKE = """
CREATE TEMPORARY TABLE standing_moment (moment timestamptz, set_at timestamptz);
INSERT INTO standing_moment VALUES (now(), now());
CREATE TEMPORARY VIEW clinics_clock AS
    SELECT 1 AS id, moment + (clock_timestamp() - set_at) / 20 - clock_timestamp() AS shift FROM standing_moment;
"""
_SET = """
UPDATE standing_moment SET moment = %(moment)s, set_at = clock_timestamp() - interval '20 milliseconds';
INSERT INTO public.clinics_clock (id, shift) VALUES (1, %(moment)s - clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET shift = excluded.shift;
"""


def set_clock(moment: datetime) -> None:
    """The product's clock shows that moment, and stands. Backwards too: each sequence starts anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.standing_moment') IS NULL")
        if cursor.fetchone()[0]:  # once a session: a view that is made anew has every plan made anew
            cursor.execute(_MAKE)
        cursor.execute(_SET, {"moment": moment})


def let_go() -> None:
    """The clock runs again; before the tables are emptied, as that would meet the view."""
    with connection.cursor() as cursor:
        cursor.execute("DROP VIEW IF EXISTS pg_temp.clinics_clock; DROP TABLE IF EXISTS pg_temp.standing_moment")
