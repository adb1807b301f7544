"""How does a person without a browser visit the pages? A session over HTTP: cookies, forms with their CSRF token."""

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

_SECONDS = 20.0
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """One person's session at the product."""

    def __init__(self, url: str) -> None:
        """`url` is where the pages begin, without a slash at its end."""
        self._url = url
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )

    def page(self, path: str) -> str:
        """The HTML of a page, redirections followed. Raises urllib.error.HTTPError for an error page."""
        with self._opener.open(f"{self._url}{path}", timeout=_SECONDS) as answer:
            return str(answer.read().decode())

    def status(self, path: str) -> int:
        """The status alone, of error pages too."""
        try:
            with self._opener.open(f"{self._url}{path}", timeout=_SECONDS) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def log_in(self, email: str, password: str) -> str:
        """Fills the log-in form in; the page that follows."""
        path = "/accounts/login/"
        found = _TOKEN.search(self.page(path))
        assert found, "the log-in form has no CSRF token"
        form = {"csrfmiddlewaretoken": found[1], "login": email, "password": password}
        request = urllib.request.Request(f"{self._url}{path}", urllib.parse.urlencode(form).encode())
        request.add_header("Referer", f"{self._url}{path}")
        with self._opener.open(request, timeout=_SECONDS) as answer:
            return str(answer.read().decode())
