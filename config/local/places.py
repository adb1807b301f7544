"""Where does this checkout keep its things? Code in ROOT, what a run makes in VAR."""

import importlib.util
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: AVISA_VAR lets tests run a second, independent stack from the same checkout.
VAR = Path(os.environ.get("AVISA_VAR") or ROOT / "var").absolute()
LOGS = VAR / "log"
RECORDS = VAR / "run"
VENV = ROOT / ".venv"
LOCK_FILE = ROOT / "requirements" / "local.lock"
#: What belongs to the checkout and not to one stack: the set-up's lock and log, the gathered files of the pages.
SHARED = ROOT / "var"
SET_UP_LOG = SHARED / "log" / "set-up.log"
STATIC = SHARED / "static"  # settings.STATIC_ROOT


def make(folder: Path, mode: int = 0o700) -> Path:
    """Make `folder` and what is above it; only `folder` itself gets `mode`, and only from the one who makes it.

    The programs of a stack start side by side: another may make it between any two lines.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir()
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        folder.chmod(mode)
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def package(name: str) -> Path:
    """The folder of an installed package, without running any of its code."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(name)
    return Path(found.origin).parent
