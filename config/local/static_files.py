"""Are the pages' files gathered in `var/static`, where the web server finds them?"""

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path

from config.local import foreground, places
from config.local.problem import Problem
from config.local.report import step


def collect(environment: Mapping[str, str]) -> None:
    """Gather them if anything they are made of has changed. Raises Problem."""
    stamp = places.SHARED / "static.stamp"
    wanted = _fingerprint(places.ROOT)
    if places.STATIC.is_dir() and stamp.is_file() and stamp.read_text() == wanted:
        return
    with step("Gathering the pages' files", "The pages' files are gathered"):
        done = subprocess.run(
            foreground.python("manage.py", "collectstatic", "--noinput", "-v", "0"),
            env=dict(environment),
            cwd=places.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            words = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise Problem(f"The pages' files could not be gathered: {words[-1]}")
        places.write_private(stamp, wanted)


def _fingerprint(root: Path) -> str:
    """Changes with every file that is gathered, or with what decides which ones are."""
    digest = hashlib.sha256()
    folders = [root / "static", *sorted(root.glob("*/static"))]
    files = [file for folder in folders if "var" not in folder.parts for file in sorted(folder.rglob("*"))]
    decisive = [
        root / "package-lock.json",
        places.LOCK_FILE,
        root / "config" / "settings.py",
        root / "config" / "assets.py",
    ]
    for file in [*files, *decisive]:
        if file.is_file():
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
