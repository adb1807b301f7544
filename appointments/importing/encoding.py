"""In which encoding is a file written? UTF-8, or the Windows-1252 that older programs call Latin-1. Pure.

Told apart by UTF-8's own rule (RFC 3629): text in Windows-1252 with accents is practically never well-formed UTF-8, so
what is well-formed is UTF-8. What is not must hold no multi-byte sequence of UTF-8 at all to be taken for
Windows-1252: a file with some of both is damaged or glued together, and guessing would write broken names. Such a file
is refused with the line, as are UTF-16 and bytes that Windows-1252 leaves undefined.
"""

import codecs
import re

UTF_8, WINDOWS_1252 = "UTF-8", "Windows-1252"
_SAVE_ANEW = "save it as CSV in UTF-8"
#: A character of two to four bytes as UTF-8 writes it.
_MULTI_BYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


class Undecodable(Exception):
    """The bytes are no text that could be taken with certainty; the message says where and what to do."""


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file, without its byte order mark, and the name of its encoding. Raises Undecodable."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:200]:
        raise Undecodable(f"line 1: the file is no plain text, or UTF-16; {_SAVE_ANEW}")
    marked, content = content.startswith(codecs.BOM_UTF8), content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8"), UTF_8
    except UnicodeDecodeError as error:
        where = f"line {_line(content, error.start)}: byte 0x{content[error.start]:02X} is not UTF-8"
    if marked or _MULTI_BYTE.search(content):
        raise Undecodable(f"{where}, though other parts of the file are; {_SAVE_ANEW}")
    try:
        return content.decode("cp1252"), WINDOWS_1252
    except UnicodeDecodeError as error:
        line, byte = _line(content, error.start), content[error.start]
        raise Undecodable(
            f"line {line}: byte 0x{byte:02X} is neither UTF-8 nor {WINDOWS_1252}; {_SAVE_ANEW}"
        ) from error


def _line(content: bytes, position: int) -> int:
    return content[:position].count(b"\n") + 1
