"""How does the sandbox read and move the clock? JSON, only with its token, forward only, never while sending."""

import json
import math
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinics import clock

#: Farther than any agenda reaches; keeps a typing error from ending the demo (clocks only go forward).
FARTHEST = timedelta(days=50 * 366)


@csrf_exempt  # no browser session: the token in the header is the proof
@never_cache
@require_http_methods(["GET", "POST"])
def sandbox_clock(request: HttpRequest) -> JsonResponse:
    """GET the clock and the next due moment; POST `offset_seconds` to move it. 404 without the sandbox or its token,
    400 for what is no offset, 409 backwards or while anything is claimed or sending."""
    token = request.headers.get("X-Sandbox-Token", "")
    if not settings.SANDBOX_TOKEN or not constant_time_compare(token, settings.SANDBOX_TOKEN):
        raise Http404
    if request.method == "POST":
        refusal = _move(request)
        if refusal is not None:
            return refusal
    return JsonResponse(_state())


def _move(request: HttpRequest) -> JsonResponse | None:
    """Moves the clock, or gives the refusal."""
    offset = _offset(request)
    if offset is None:
        return JsonResponse({"error": "offset_seconds must be a number of seconds within fifty years"}, status=400)
    if _next()[1]:
        return JsonResponse({"error": "reminders are being sent; the clock stands until they are done"}, status=409)
    try:
        clock.move_to(offset)
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=409)
    return None


def _offset(request: HttpRequest) -> timedelta | None:
    try:
        given = json.loads(request.body) if request.content_type == "application/json" else request.POST
        seconds = float(given["offset_seconds"])
    except (ValueError, TypeError, KeyError):
        return None
    if not math.isfinite(seconds) or abs(seconds) > FARTHEST.total_seconds():
        return None
    return timedelta(seconds=seconds)


def _next() -> tuple[Any, bool]:
    """The next look_at of all clinics (or None), and whether anything is claimed or sending."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT look_at, busy FROM reminders_next()")
        look_at, busy = cursor.fetchone()
    return look_at, busy


def _state() -> dict[str, Any]:
    next_due, busy = _next()
    return {
        "now": clock.now().isoformat(),
        "real_now": clock.real_now().isoformat(),
        "offset_seconds": clock.shift().total_seconds(),
        "next_due": next_due.isoformat() if next_due else None,
        "busy": busy,
    }
