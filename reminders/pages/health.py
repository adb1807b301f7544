"""Is Avisa alive? The answer for load balancers and the supervisor: the database, and the drain's last heartbeat."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

#: Real seconds after which a drain that has not reported is called silent; it is rung every two.
DRAIN_SILENT_AFTER = 90


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, else 503. The drain's state is in the body; `?strict=1` gives 503 for it too."""
    try:
        age = _drain_age()
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "down", "drain": "unknown"}, status=503)
    drain = "never" if age is None else "ok" if age <= DRAIN_SILENT_AFTER else "silent"
    body = {
        "status": "ok" if drain == "ok" else "degraded",
        "database": "ok",
        "drain": drain,
        "drain_age_seconds": None if age is None else round(age, 1),
    }
    strict = request.GET.get("strict") == "1"
    return JsonResponse(body, status=503 if strict and drain != "ok" else 200)


def _drain_age() -> float | None:
    """Real seconds since the drain last did its work; None when it never has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - max(at))::float "
            "FROM reminders_heartbeat WHERE part = 'drain'"
        )
        row: tuple[float | None] = cursor.fetchone()
    return row[0]
