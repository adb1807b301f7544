"""Nobody waits for the database for ever."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

#: Loads the entry of a process as its supervisor does, and says how its connections wait.
SAY = "import {}; from django.conf import settings; print(settings.DATABASES['default']['OPTIONS']['options'])"


@pytest.mark.django_db
def test_a_connection_gives_up_on_whom_it_cannot_reach_and_on_locks() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('timezone')")
        assert cursor.fetchone() == ("10s", "UTC")
    given = connection.get_connection_params()
    assert (given["connect_timeout"], given["tcp_user_timeout"], given["keepalives"]) == (4, 30_000, 1)
    assert given["keepalives_idle"] + given["keepalives_interval"] * given["keepalives_count"] <= 30


@pytest.mark.parametrize(("given", "seconds"), [({}, 60), ({"STATEMENT_SECONDS": "7"}, 7)])
def test_a_worker_gives_a_statement_up_in_time_and_a_command_does_not(given: dict[str, str], seconds: int) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "STATEMENT_SECONDS"} | given
    words = [sys.executable, "-c", SAY.format("config.celery")]
    said = subprocess.run(words, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert f"statement_timeout={seconds}s" in said.stdout
    assert settings.STATEMENT_SECONDS == 0
