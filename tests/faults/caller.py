"""How does a provider call back, and how does somebody who only pretends to be it? Signed forms over plain HTTP.

The signature is made by the vendor's document alone ("Webhooks security"), not by the product's code nor the sandbox's.
"""

import base64
import hashlib
import hmac
import http.client
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

T = TypeVar("T")
_SECONDS = 20.0
_THREADS = 4


def sign(secret: str, url: str, said: Mapping[str, str]) -> str:
    """base64 of HMAC-SHA1, keyed by the account's token, over the URL and after it every parameter's name and value."""
    signed = url + "".join(name + said[name] for name in sorted(said))
    return base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True)
class Post:
    """One request to a callback address: its path, its form, and its headers without those that any form has."""

    path: str
    form: Sequence[tuple[str, str]]
    headers: Mapping[str, str] = field(default_factory=dict)


def signed_post(base: str, path: str, said: Mapping[str, str], secret: str) -> Post:
    """A genuine callback of the account whose token that is."""
    return Post(path, tuple(said.items()), {"X-Twilio-Signature": sign(secret, f"{base}{path}", said)})


class Caller:
    """Posts to the product, over one kept connection a thread."""

    def __init__(self, base: str) -> None:
        """`base` is where the pages begin."""
        self._where = urlsplit(base)
        self._own = threading.local()

    def post(self, one: Post) -> int:
        """The status of the answer."""
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **one.headers}
        for last in (False, True):  # a kept connection may have been closed for idleness
            link = self._link(anew=last)
            try:
                link.request("POST", one.path, urlencode(one.form), headers)
                answer = link.getresponse()
                answer.read()
                return answer.status
            except (http.client.HTTPException, ConnectionError):
                if last:
                    raise
        raise AssertionError("the second time it answers or raises")

    def many(self, work: Callable[[T], object], these: Iterable[T]) -> None:
        """Does the work for each, some at a time. Raises what the first that fails raises."""
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(work, these):
                pass

    def _link(self, *, anew: bool) -> http.client.HTTPConnection:
        if anew or not hasattr(self._own, "link"):
            host, port = self._where.hostname, self._where.port
            self._own.link = http.client.HTTPConnection(host or "", port, timeout=_SECONDS)
        link: http.client.HTTPConnection = self._own.link
        return link
