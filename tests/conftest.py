"""What every test stands on: the database as the app role, so that both walls of tenancy are up.

The owner makes the test database and migrates it; the tests themselves run as the plain role that serves. Tests that
drain, or look at isolation, are transactional (`@pytest.mark.django_db(transaction=True)`).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from sandbox.server import Sandbox
from tests.databases import use_role
from tests.world import World, make_world


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database is made and migrated by its owner."""
    use_role(connection, settings.DATABASE_OWNER_URL)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """From here on the tests are the app role. TRUNCATE is granted here alone: it empties tables between tests."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute(f'GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO "{settings.DATABASE_APP_ROLE}"')
        use_role(connection, settings.DATABASE_URL)
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        use_role(connection, settings.DATABASE_OWNER_URL)


@pytest.fixture
def world(db: None) -> World:
    """One clinic in Madrid with a rule, a wording, a sender and a patient who may be written to."""
    return make_world("clinica-prueba")


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A real SMTP server that misbehaves on command, for this test process."""
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with Sandbox(folder, password="secreto", token="token") as server:
        yield server
