"""Who may talk to the sandbox's HTTP server?

Browsers on this machine only by its own name (a foreign name that resolves to 127.0.0.1 is DNS rebinding),
forms only from its own pages (another site's form would otherwise command failures), programs by the token.
The Messages API has its own log-in, which no other site's page can bring along.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_OWN_NAMES = {"127.0.0.1", "localhost"}
_READING = {"GET", "HEAD"}
_MESSAGES_API = "/2010-04-01/"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def guard(token: str) -> Middleware:
    """The middleware that lets a request in or answers 403."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        reason = _refusal(request, token)
        if reason:
            return web.json_response({"error": reason}, status=403)
        return await handler(request)

    return middleware


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """A signal handler: every response carries the headers that keep a page to itself."""
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Not no-referrer: with it a browser sends "Origin: null" with our own forms.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")


def _refusal(request: web.Request, token: str) -> str:
    """Why this request is not let in; empty where it is."""
    if urlsplit(f"//{request.host}").hostname not in _OWN_NAMES:
        return "this server answers to 127.0.0.1 and localhost only"
    if request.path.startswith("/control/"):
        sent = request.headers.get("X-Sandbox-Token", "")
        if not hmac.compare_digest(sent.encode("utf-8", "replace"), token.encode()):
            return "the header X-Sandbox-Token is missing or wrong"
        return ""
    if request.path.startswith(_MESSAGES_API):
        return ""
    if request.method not in _READING and not _from_own_page(request):
        return "only the sandbox's own pages may post here"
    return ""


def _from_own_page(request: web.Request) -> bool:
    """Every browser sends Origin with a form's POST; newer ones say Sec-Fetch-Site as well."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    return request.headers.get("Origin") == f"http://{request.host}"
