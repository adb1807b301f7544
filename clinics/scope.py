"""Which clinic is this code working for? The only place that opens a clinic's scope.

`in_clinic` opens three things together: a transaction, the database setting that row-level security reads, and the
django-scopes scope that makes an unscoped query raise. SET LOCAL ends with the transaction, so nothing leaks to the
next user of the connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django_scopes import scope


@contextmanager
def in_clinic(clinic_id: int) -> Iterator[None]:
    """Work for one clinic: everything inside is one transaction that sees that clinic's rows alone.

    Raises ValueError for an empty id, as an empty scope would filter nothing. Cannot be nested in a transaction
    (durable), because SET LOCAL would outlive a savepoint.
    """
    if not clinic_id:
        raise ValueError("in_clinic needs the id of a clinic")
    with transaction.atomic(durable=True), scope(clinic=clinic_id):
        _set_clinic(str(clinic_id))
        try:
            yield
        finally:
            # Only inside a TestCase is there still a block around us; a broken one refuses statements anyway.
            if connection.in_atomic_block and len(connection.atomic_blocks) > 1 and not connection.needs_rollback:
                _set_clinic("")


def _set_clinic(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.clinic_id', %s, true)", [value])
