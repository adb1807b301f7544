"""How does a test fill in a form? As a browser: it takes the page, changes some fields and sends what stands in it."""

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client

Answer = Any


class _Fields(HTMLParser):
    """The fields of the page's main form (the one with `novalidate` or a hidden `seen`), as a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._inside = False
        self._select = ""
        self._first = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self._inside = "data-once" in given
        elif not self._inside:
            return
        elif tag == "input" and name:
            tick_box = given.get("type") in ("checkbox", "radio")
            ticked = not tick_box or "checked" in given
            if ticked:
                self.values.setdefault(name, []).append(value if "value" in given or not tick_box else "on")
        elif tag == "select":
            self._select, self._first = name, ""
        elif tag == "option" and self._select:
            if "selected" in given:
                self.values[self._select] = [value]
            self.values.setdefault(self._select, [value])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""


def fields_of(page: str) -> dict[str, list[str]]:
    """Name → values of the page's form."""
    reader = _Fields()
    reader.feed(page)
    assert reader.values, "no form on this page"
    return reader.values


def send(client: Client, path: str, **changes: Any) -> Answer:
    """Opens the page, changes fields (None takes one away) and sends the form."""
    fields: dict[str, Any] = dict(fields_of(text(client.get(path))))
    fields.update({name: value for name, value in changes.items() if value is not None})
    for name in (name for name, value in changes.items() if value is None):
        fields.pop(name, None)
    return client.post(path, fields)


def text(answer: Answer) -> str:
    """The page; a redirect or an error is none."""
    assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
    page: str = answer.content.decode()
    return page


def words(page: str) -> str:
    """What a reader sees, in single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
