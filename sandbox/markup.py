"""How does a page come about? Plain HTML files with $names; whatever is filled in is escaped unless it is Html."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).with_name("templates")
_ADDRESS = re.compile(r"https?://[^\s<>\"'()]+[^\s<>\"'().,;:!?]")


class Html(str):
    """Text that is HTML already: made by this module only."""

    __slots__ = ()


def fill(file: str, /, **values: object) -> Html:
    """The file `file`.html with its $names filled in. Raises KeyError for one that is missing."""
    return Html(
        _template(file).substitute(
            {key: value if isinstance(value, Html) else html.escape(str(value)) for key, value in values.items()}
        )
    )


def join(pieces: Iterable[Html]) -> Html:
    """One piece after the other."""
    return Html("\n".join(pieces))


def flag(name: str, given: bool) -> Html:
    """An attribute without a value (or `aria-current="page"`) where it is given. `name` is a constant of ours."""
    return Html(f" {name}" if given else "")


def with_links(text: str) -> Html:
    """Text whose web addresses can be followed, each in a window of its own."""
    pieces, end = [], 0
    for found in _ADDRESS.finditer(text):
        pieces.append(html.escape(text[end : found.start()]))
        pieces.append(fill("link", address=found[0]))
        end = found.end()
    return Html("".join([*pieces, html.escape(text[end:])]))


@cache
def _template(name: str) -> Template:
    return Template((_FOLDER / f"{name}.html").read_text("utf-8").rstrip("\n"))
