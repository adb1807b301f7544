"""How does a person hear what went wrong? One line in plain English, never a traceback."""

import errno

#: What PostgreSQL, pip and npm write when the disk is full.
DISK_FULL_WORDS = ("No space left on device", "ENOSPC", "Disk quota exceeded", "could not extend file")


class Problem(Exception):
    """Something that a person can mend; its text is the one line that says what and how."""


def disk_full(where: object = "") -> Problem:
    """The line for a full disk; `where` is what could not be written, if known."""
    what = f": {where} could not be written" if where else ""
    return Problem(f"The disk is full{what}. Make room and start again; nothing is lost.")


def in_words(error: OSError) -> str:
    """One line for an error of the operating system that nobody foresaw."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return str(disk_full(error.filename or ""))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and error.filename:
        return (
            f"{error.filename} may not be written by this user ({error.strerror}). "
            "Was Avisa started here by another user before?"
        )
    return f"The system refused: {error}"
