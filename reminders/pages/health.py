"""Is Avisa alive? For load balancers and people on duty: the database, the drain, the workers, providers' receipts."""

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reminders import heartbeats

#: Real seconds after which a drain that has not reported is called silent, and a worker is no longer counted; rings
#: come every two.
DRAIN_SILENT_AFTER = 90


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, else 503. The drain's state is in the body; `?strict=1` gives 503 for it too.

    `workers` took up a ring in the last 90 s: for information, as their right number is not known here. So is
    `receipts_age_seconds`, since the last callback of a provider: without sending there are none.
    """
    try:
        ages = heartbeats.ages()
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "down", "drain": "unknown"}, status=503)
    age, receipts = ages.get(heartbeats.DRAIN), ages.get(heartbeats.RECEIPTS)
    drain = "never" if age is None else "ok" if age <= DRAIN_SILENT_AFTER else "silent"
    workers = [part for part in ages if part.startswith(heartbeats.WORKER) and ages[part] <= DRAIN_SILENT_AFTER]
    body = {
        "status": "ok" if drain == "ok" else "degraded",
        "database": "ok",
        "drain": drain,
        "drain_age_seconds": _rounded(age),
        "workers": len(workers),
        "receipts_age_seconds": _rounded(receipts),
    }
    strict = request.GET.get("strict") == "1"
    return JsonResponse(body, status=503 if strict and drain != "ok" else 200)


def _rounded(age: float | None) -> float | None:
    return None if age is None else round(age, 1)
