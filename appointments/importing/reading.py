"""Which cells does a file hold? From bytes to a table; whatever makes the whole file unreadable ends here.

UTF-8 with or without byte order mark, or Windows-1252 (see encoding.py); semicolon, comma or tab, whichever the header
uses most; quotes as in RFC 4180. Python's csv module reads it, strictly: a quote left open would otherwise swallow the
rows after it without a word.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from appointments.importing.encoding import Undecodable, decode

#: Larger files are refused before they are read.
MAX_BYTES = 20_000_000
DELIMITERS = ";,\t"


class FileRefused(Exception):
    """The whole file cannot be imported; the message is one line for the person who sent it."""


@dataclass(frozen=True)
class Line:
    """One row of the file: the number of its first line (the header is line 1) and its cells as they stand there."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The header's names, trimmed and in lower case, and its line; the rows that hold anything; the encoding's name."""

    columns: tuple[str, ...]
    header: int
    lines: tuple[Line, ...]
    encoding: str


def read_file(path: Path) -> bytes:
    """The file's bytes. Raises FileRefused when it is not there, is no file, or is larger than MAX_BYTES."""
    try:
        if not path.is_file():
            raise FileRefused(f"{path} is not a file")
        if (size := path.stat().st_size) > MAX_BYTES:
            raise FileRefused(f"{path} has {size / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be imported")
        return path.read_bytes()
    except OSError as error:
        raise FileRefused(f"{path} cannot be read: {error.strerror}") from error


def read_table(content: bytes) -> Table:
    """The table that the bytes hold. Raises FileRefused."""
    if len(content) > MAX_BYTES:
        raise FileRefused(f"the file is larger than {MAX_BYTES / 1e6:.0f} MB")
    try:
        text, encoding = decode(content)
    except Undecodable as error:
        raise FileRefused(str(error)) from error
    lines = list(_lines(text)) if text.strip() else []
    if not lines:
        raise FileRefused("the file is empty")
    header, rows = lines[0], lines[1:]
    if not rows:
        raise FileRefused("the file has a header but no rows")
    return Table(_names(header), header.number, tuple(rows), encoding)


def _lines(text: str) -> Iterable[Line]:
    """The rows with the line on which each begins; rows without any text are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(begins, tuple(cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(f"line {begins}: the row that begins here cannot be read: {error}") from error


def _delimiter(text: str) -> str:
    header = next(line for line in text.splitlines() if line.strip())
    return max(DELIMITERS, key=header.count)


def _names(header: Line) -> tuple[str, ...]:
    names = tuple(cell.strip().lower() for cell in header.cells)
    for position, name in enumerate(names, start=1):
        if not name:
            raise FileRefused(f"line {header.number}: column {position} has no name")
        if names.index(name) != position - 1:
            raise FileRefused(f"line {header.number}: the column {name} stands twice in the header")
    return names
