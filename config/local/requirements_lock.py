"""Is a lock file of requirements whole? Looked at before anything is downloaded or removed. (Standard library only.)

pip would notice a wrong hash, but not a lock that lost its end, and it says both in many lines.
"""

import re
from pathlib import Path

from config.local.problem import Problem

_PINNED = re.compile(r"([a-z0-9][a-z0-9._-]*)(\[[a-z0-9,_-]+\])?==[A-Za-z0-9.!+_-]+( ; [^\\]+)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def check(lock: Path, wanted: Path) -> None:
    """Raise Problem unless every line of `lock` can be read and everything that `wanted` asks for is in it."""
    names: set[str] = set()
    open_entry = False  # a line that ends with a backslash asks for another
    for number, line in enumerate(lock.read_text(errors="replace").splitlines(), 1):
        pinned = _PINNED.fullmatch(line)
        if pinned and not open_entry:
            names.add(_plain(pinned.group(1)))
        elif not (open_entry and _HASH.fullmatch(line)) and (open_entry or not _is_comment(line)):
            raise _damaged(lock, f"line {number} cannot be read")
        open_entry = line.endswith("\\")
    missing = sorted(_asked_for(wanted) - names)
    if open_entry or missing:
        raise _damaged(lock, f"its end is missing{', and with it ' + missing[0] if missing else ''}")


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _asked_for(wanted: Path) -> set[str]:
    """The names in a list of requirements and in those that it includes."""
    names: set[str] = set()
    for line in wanted.read_text().splitlines():
        if line.startswith("-r "):
            names |= _asked_for(wanted.parent / line[3:].strip())
        elif found := _NAME.match(line):
            names.add(_plain(found.group()))
    return names


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _damaged(lock: Path, how: str) -> Problem:
    return Problem(
        f"requirements/{lock.name} is damaged: {how}. Get it back with: git checkout requirements/{lock.name}"
    )
