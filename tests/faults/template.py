"""Need each campaign make the tables anew? No: where several run, a database is migrated once, and they copy it.

Its name goes to them by the environment. A stack with a server of its own makes its tables itself, and so does a tree
whose migrations are other ones (tests/faults/mutants.py).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from config.local import environment, foreground
from config.local.secrets import Secrets
from config.local.servers import Urls
from tests.faults.database import Database

VARIABLE = "FAULTS_TEMPLATE"
#: What PostgreSQL itself copies.
EMPTY = "template1"


def name() -> str | None:
    """The database to copy; None where there is none."""
    return os.environ.get(VARIABLE)


@contextmanager
def migrated_once() -> Iterator[None]:
    """What is started meanwhile copies one migrated database."""
    database, secrets = Database(os.environ), Secrets()
    database.create()
    try:
        urls = Urls(database.app_url, database.owner_url, os.environ["REDIS_URL"])
        migrate({**environment.for_product(urls, secrets), "FIELD_KEYS": secrets.field_keys})
        os.environ[VARIABLE] = database.name
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        database.drop()


def migrate(variables: Mapping[str, str]) -> None:
    """Makes the tables of the database that the product's variables name, straight and as its owner. Raises
    RuntimeError."""
    owner = {**variables, **environment.as_owner(dict(variables))}
    code, said, complaints = foreground.run_quietly(
        foreground.python("manage.py", "migrate", "--noinput", "-v", "0"), owner
    )
    if code:
        raise RuntimeError(f"migrate failed:\n{said}{complaints}")
