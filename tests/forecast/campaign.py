"""The campaign's part that one process does: sequences of chance in a database of its own, and what they found.

`python -m tests.forecast.campaign SEED SEQUENCES FILE`, with the environment of a migrated, empty database in which
the app role may TRUNCATE. Writes {"runs", "differences"} as JSON into the file; a difference is the text that tells it.
"""

import gc
import json
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.forecast.sequence import Ground

#: After so many differences a process gives up: each takes minutes to be made small.
_MOST = 3


def main(number: int, sequences: int, file: Path) -> None:
    """Runs so many sequences, going on with others after a difference."""
    from clinics.models import User
    from reminders.lanes import Lanes
    from sandbox.server import Sandbox
    from tests.forecast.sequence import Ground

    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder), password="secreto", token="token") as server:
        _reach(server)
        lanes = Lanes(threads=2, lease_seconds=600)
        try:
            user = User.objects.create(email="recepcion@clinica.example", name="Recepción")
            ground, differences = Ground(user, lanes, server), list[str]()
            while ground.begun < sequences and len(differences) < _MOST:
                differences += _found(ground, sequences - ground.begun, number + len(differences))
                found = {"runs": ground.begun, "differences": differences}  # whoever waits may read what is there
                file.write_text(json.dumps(found), encoding="utf-8")
        finally:
            lanes.close()


def _found(ground: "Ground", sequences: int, number: int) -> list[str]:
    """The difference that so many sequences show, or nothing."""
    from tests.forecast.running import run_by_chance

    try:
        run_by_chance(ground, sequences, number)
    except Exception:  # whatever a sequence ended with speaks against the product or the model: it is told
        return [traceback.format_exc(limit=-1)]
    return []


def _reach(server: "object") -> None:
    """The product's senders reach the sandbox."""
    from django.conf import settings

    from reminders import drain
    from sandbox.server import Sandbox

    assert isinstance(server, Sandbox)
    settings.SMTP_CA_FILE = str(server.ca_file)
    settings.MESSAGING_ALLOWED_PRIVATE_TARGETS = [f"127.0.0.1:{server.smtp_port}"]
    settings.LEASE_SECONDS = 600  # no claim is lost on a slow machine
    drain.PLAN_SECONDS = drain.WALK_FIRST_SECONDS = 600  # nor is anything sent there before all is planned
    settings.TWILIO_BASE_URL = f"http://127.0.0.1:{server.http_port}"


if __name__ == "__main__":
    import django

    django.setup()
    gc.freeze()
    gc.set_threshold(50_000)  # else it looks again and again at what stays
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
