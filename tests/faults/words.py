"""With which words is a process of the product started in a campaign? As for real; only beats may be several."""

from pathlib import Path

from config.local import children
from config.local.addresses import Addresses
from config.local.foreground import python

#: What Celery loads for the product, and what a campaign may put in its place for the workers.
APP = "config.celery"


def words(name: str, folder: Path, web_port: int, *, app: str = APP, clock_url: str = "") -> list[str]:
    """Of a process by its name: web, worker-N, beat-N, sandbox. `clock_url`: where the sandbox asks for the time."""
    kind = name.partition("-")[0]
    if kind == "worker":
        return [app if word == APP else word for word in children.worker(name).argv]
    if kind == "web":
        return list(children.web(Addresses(web_port, 0, 0)).argv)
    if kind == "beat":
        schedule = str(folder / f"{name}.schedule")
        return python("-m", "celery", "-A", APP, "beat", "-s", schedule, "--pidfile=", "-l", "WARNING")
    clock = ["--clock-url", clock_url] if clock_url else []
    return [*python("-m", "sandbox", "--dir", str(folder / "sandbox")), *clock]
