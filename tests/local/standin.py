"""A supervisor with stand-in children, as a process of its own: `python -m tests.local.standin [NOTE]`.

No embedded server: the environment names some. The children are a `worker-1` that sleeps and a `beat` that ends at
once, again and again. With NOTE, a file, the worker is watched: its content is what the worker last noted.
"""

import os
import sys
from pathlib import Path

from config.local import foreground, places
from config.local.children import Child
from config.local.processes import identify
from config.local.records import Record
from config.local.secrets import Secrets
from config.local.servers import Servers
from config.local.supervisor import Supervisor
from config.local.watchdog import Watchdog

if __name__ == "__main__":
    foreground.end_on_signals()
    me = identify(os.getpid())
    assert me
    places.make(places.LOGS)
    supervisor = Supervisor(Servers(Secrets(), Record(places.RECORDS / "stack.json", me)), os.environ)
    try:
        supervisor.start(Child("worker-1", (sys.executable, "-c", "import time; time.sleep(600)")))
        supervisor.start(Child("beat", (sys.executable, "-c", "pass")))
        if note := sys.argv[1:]:
            supervisor.guard(Watchdog(lambda: {"worker-1": Path(note[0]).read_text()}, silence=2))
        supervisor.run()
    except (SystemExit, KeyboardInterrupt):
        supervisor.stop()
